import type { Decision, DecisionMemory, ScalingSettings } from '../decision.ts';
import type { Terms } from './deadline/terms.ts';
import type { Backlog, FleetView } from '../observation.ts';
import type { Learned } from '../learned.ts';

/** What a policy decides from, when all of it could be observed. */
interface Sight {
  backlog: Backlog;
  fleet: FleetView;
  learned: Learned;
  completed: number;
  refused: number;
}

/** What a policy wants. How it comes about is the same for all of them. */
export interface Plan {
  /** Workers wanted, within the limits. */
  desired: number;
  /** Workers there are, or will be without doing anything: those that count towards `desired`. */
  live: number;
  /** Who may be told to drain if there are too many, the first ones first. */
  releasable: readonly string[];
  /** Drained workers younger than this are not terminated yet; absent: all are. */
  leastAgeSeconds?: number;
  memory: Pick<DecisionMemory, 'samples' | 'levels'>;
  /** The numbers behind it, where the policy has a formula. */
  terms: Terms | null;
  /**
   * The reason for what was decided, in a sentence.
   * @param released how many workers it takes out of service
   */
  explain: (decision: Decision, released: number) => string;
}

/** @param now milliseconds since the epoch */
export type Policy = (
  sight: Sight,
  memory: DecisionMemory,
  settings: ScalingSettings,
  now: number,
) => Plan;
