export * from './command-line.ts';
export * from './config.ts';
export type { LogOutput } from './log-output.ts';
export * from './logger.ts';
export * from './run-service.ts';
export * from './start-error.ts';
