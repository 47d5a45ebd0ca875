export type { CallObserver, EndedCall, SentBatch } from '../call-observer.ts';
export type { Connection } from '../connection.ts';
export * from './connect-sqs.ts';
export * from './linger.ts';
export * from './visibility-extender.ts';
export * from './queue.ts';
