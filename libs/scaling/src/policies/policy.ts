import type { Decision, DecisionMemory, ScalingSettings } from '../decision.ts';
import type { Terms } from './deadline/terms.ts';
import type { Backlog, FleetView } from '../observation.ts';
import type { Learned } from '../learned.ts';

/** The input of a policy, if everything could be observed. */
interface PolicyInput {
  backlog: Backlog;
  fleet: FleetView;
  learned: Learned;
  completed: number;
  refused: number;
}

/** What a policy wants. `decide` carries it out the same way for all policies. */
export interface Plan {
  /** Workers wanted, within the limits. */
  desired: number;
  /** Workers that are up or will be without further action: those that count towards `desired`. */
  live: number;
  /** Workers that may be drained if there are too many, in order. */
  releasable: readonly string[];
  /** Drained workers younger than this are not terminated yet; absent: no minimum age. */
  leastAgeSeconds?: number;
  memory: Pick<DecisionMemory, 'samples' | 'levels'>;
  /** The terms of the policy's formula; null if it has none. */
  terms: Terms | null;
  /**
   * Explains the decision in a sentence.
   * @param released number of workers that the decision takes out of service
   */
  explain: (decision: Decision, released: number) => string;
}

/** @param now milliseconds since the epoch */
export type Policy = (
  input: PolicyInput,
  memory: DecisionMemory,
  settings: ScalingSettings,
  now: number,
) => Plan;
