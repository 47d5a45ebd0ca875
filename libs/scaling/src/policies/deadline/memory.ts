import type { ArrivalSample } from './arrivals.ts';
import type { Level } from './levels.ts';

/** What the policy `deadline` keeps from one decision to the next. Plain data, so that it can be replayed. */
export interface DeadlineMemory {
  /** How many images had arrived at which time. */
  samples: readonly ArrivalSample[];
  /** How long each level of the fleet has not been needed. */
  levels: readonly Level[];
}

export const EMPTY_DEADLINE_MEMORY: DeadlineMemory = { samples: [], levels: [] };
