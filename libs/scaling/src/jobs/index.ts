export * from './workers-for-job.ts';
