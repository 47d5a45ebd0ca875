export type { ActiveJob } from './active-job.ts';
export * from './calls-of-job.ts';
export * from './estimate-job.ts';
export type { JobDemand } from './job-demand.ts';
export * from './workers-for-job.ts';
