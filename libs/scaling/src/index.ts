export * from './cost.ts';
export * from './decide.ts';
export * from './decision.ts';
export * from './estimate-wait.ts';
export * from './learned.ts';
export * from './observation.ts';
export { POLICIES, POLICY_NAMES, type PolicyName } from './policies/index.ts';
