export * from './fake-ec2.ts';
export * from './fake-instance-metadata.ts';
export * from './fake-s3.ts';
export * from './fake-sqs.ts';
export type { CallHook } from './call-hook.ts';
export * from './start-test-cloud.ts';
