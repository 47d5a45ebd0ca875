import { deadline } from './deadline/deadline.ts';
import { backlogPerWorker } from './backlog-per-worker.ts';
import { perMessage } from './per-message.ts';
import type { Policy } from './policy.ts';
import type { PolicyName } from './policy-names.ts';

export {
  EMPTY_POLICY_MEMORY,
  type Plan,
  type Policy,
  type PolicyMemory,
  type PolicyTerms,
} from './policy.ts';
export { POLICY_NAMES, type PolicyName } from './policy-names.ts';

/** Every policy by the name it is configured with. */
export const POLICIES = {
  deadline,
  'per-message': perMessage,
  'backlog-per-worker': backlogPerWorker,
} as const satisfies Record<PolicyName, Policy>;
