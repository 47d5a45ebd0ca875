import type { JobsMemory } from './jobs/job-demand.ts';
import { EMPTY_POLICY_MEMORY, type PolicyMemory } from './policies/index.ts';

/** State that is kept from one decision to the next. Plain data, so that a recorded decision can be replayed. */
export interface DecisionMemory extends PolicyMemory {
  /** The last demand that could be computed: it is kept while something cannot be observed. */
  desired: number;
  /** Since when something cannot be observed, in milliseconds since the epoch; null while everything can. */
  unseenSinceMs: number | null;
  /** Absent before jobs were looked at. */
  jobs?: JobsMemory;
}

export const initialMemory: DecisionMemory = {
  desired: 0,
  unseenSinceMs: null,
  ...EMPTY_POLICY_MEMORY,
};
