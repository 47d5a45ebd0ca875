import type { ArrivalSample } from './policies/deadline/arrivals.ts';
import type { Level } from './policies/deadline/levels.ts';
import type { Tuning } from './policies/deadline/tuning.ts';
import type { PolicyName } from './policies/index.ts';

/** What to do to the fleet. Workers are named by instance id. */
export interface Decision {
  /** Workers the demand asks for, within the limits. */
  desired: number;
  /** New instances to launch. */
  launch: number;
  /** Draining or drained workers that go back to work. */
  resume: readonly string[];
  /** Workers to tell to drain. */
  drain: readonly string[];
  /** Drained workers to terminate. */
  terminate: readonly string[];
}

export interface ScalingSettings {
  policy: PolicyName;
  minWorkers: number;
  maxWorkers: number;
  /** The longest wait for an answer that the policy `deadline` is content with. */
  targetWaitSeconds: number;
  /** For the policy `backlog-per-worker`. */
  imagesPerWorker: number;
  /** Undefined: the policy's own. */
  idleBeforeReleaseSeconds?: number | undefined;
  /** For the policy `deadline`: other constants than its own. */
  tuning?: Tuning | undefined;
}

/** What one decision leaves to the next. Plain data, so that a recorded one can be replayed. */
export interface DecisionMemory {
  /** The last demand that could be worked out: what is held while nothing can be observed. */
  desired: number;
  /** Since when not everything can be observed, in milliseconds since the epoch; null while it can. */
  unseenSinceMs: number | null;
  /** How many images had arrived by when. */
  samples: readonly ArrivalSample[];
  /** How long each level of the fleet has not been needed. */
  levels: readonly Level[];
}
