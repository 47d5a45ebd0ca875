export type { Connection } from '../connection.ts';
export * from './connect-ec2.ts';
export * from './fleet.ts';
