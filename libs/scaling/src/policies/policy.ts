import type { Decision, ScalingSettings } from '../decision.ts';
import { EMPTY_DEADLINE_MEMORY, type DeadlineMemory } from './deadline/memory.ts';
import type { Terms } from './deadline/terms.ts';
import type { Backlog, FleetView } from '../observation.ts';
import type { Learned } from '../learned.ts';

/** What policies keep between decisions: only `deadline` keeps anything. */
export type PolicyMemory = DeadlineMemory;
export const EMPTY_POLICY_MEMORY: PolicyMemory = EMPTY_DEADLINE_MEMORY;

/** The terms of a policy's formula: only `deadline` has one. */
export type PolicyTerms = Terms;

/** The input of a policy, if everything could be observed. */
interface PolicyInput {
  backlog: Backlog;
  fleet: FleetView;
  learned: Learned;
  completed: number;
  refused: number;
  /** There are or were workers that only jobs want. */
  jobs: boolean;
  /** Workers are being replaced: there may be one more than was wanted. */
  rolling: boolean;
}

/** What a policy wants. `decide` carries it out the same way for all policies. */
export interface Plan {
  /** Workers wanted, within the limits. */
  desired: number;
  /** Workers that the present work needs, within the limits; absent: as many as wanted. */
  needed?: number;
  /** Workers that are up or will be without further action: those that count towards `desired`. */
  live: number;
  /** Workers that may be drained if there are too many, in order. */
  releasable: readonly string[];
  /** Drained workers younger than this are not terminated yet; absent: no minimum age. */
  leastAgeSeconds?: number;
  memory: PolicyMemory;
  /** The terms of the policy's formula; null if it has none. */
  terms: PolicyTerms | null;
  /**
   * Explains the decision in a sentence.
   * @param released number of workers that the decision takes out of service
   */
  explain: (decision: Decision, released: number) => string;
}

/** @param now milliseconds since the epoch */
export type Policy = (
  input: PolicyInput,
  memory: PolicyMemory & { unseenSinceMs: number | null },
  settings: ScalingSettings,
  now: number,
) => Plan;
