export * from './job-store.ts';
export { keyFilter } from './key-pattern.ts';
export * from './list-all.ts';
export * from './part-store.ts';
