export type { Connection } from '../connection.ts';
export * from './connect-sqs.ts';
export * from './keep-invisible.ts';
export * from './queue.ts';
