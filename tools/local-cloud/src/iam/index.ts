export { CALLS_TABLE, type Target } from './calls-table.ts';
export { evaluate, type IamCall } from './evaluate.ts';
export { iamCalls } from './iam-calls.ts';
export { launchTargets } from './launch-targets.ts';
export { policy } from './policy.ts';
