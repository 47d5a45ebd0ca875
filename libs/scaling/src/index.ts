export * from './decide.ts';
export * from './decision.ts';
export * from './estimate-wait.ts';
export * from './learned.ts';
export * from './observation.ts';
export { POLICIES, POLICY_NAMES, type PolicyName } from './policies/index.ts';
export type { Terms } from './deadline/terms.ts';
export { DEFAULT_TUNING, type Tuning } from './deadline/tuning.ts';
export * from './record/tick-record.ts';
