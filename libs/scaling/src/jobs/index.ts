export * from './calls-of-job.ts';
export * from './estimate-job.ts';
export * from './workers-for-job.ts';
