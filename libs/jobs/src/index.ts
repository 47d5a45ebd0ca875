export * from './job-store.ts';
export * from './list-all.ts';
export * from './part-store.ts';
