export * from './command-line.ts';
export * from './config.ts';
export * from './direct-loopback.ts';
export type { LogOutput } from './log-output.ts';
export * from './logger.ts';
export * from './run-service.ts';
export * from './start-error.ts';
export * from './system-error.ts';
export * from './workspace-variables.ts';
