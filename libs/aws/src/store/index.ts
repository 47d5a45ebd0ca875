export type { Connection } from '../connection.ts';
export * from './connect-s3.ts';
export * from './object-store.ts';
export { writeOnce } from './write-once.ts';
