export type { Connection } from '../connection.ts';
export * from './connect-s3.ts';
export * from './json-object.ts';
export * from './object-address.ts';
export * from './object-store.ts';
