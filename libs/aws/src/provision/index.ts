export type { Connection } from '../connection.ts';
export * from './connect-provisioner.ts';
export * from './provisioner.ts';
