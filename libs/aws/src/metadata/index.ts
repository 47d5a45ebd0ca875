export * from './connect-instance-metadata.ts';
export * from './instance-metadata.ts';
