import type { Tuning } from './policies/deadline/tuning.ts';
import type { PolicyName } from './policies/policy-names.ts';

/** The actions on the fleet. Workers are named by instance id. */
export interface Decision {
  /** Workers wanted, within the limits. */
  desired: number;
  /** New instances to launch. */
  launch: number;
  /** Draining or drained workers that go back to work. */
  resume: readonly string[];
  /** Workers to drain. */
  drain: readonly string[];
  /** Drained workers to terminate. */
  terminate: readonly string[];
}

export interface ScalingSettings {
  policy: PolicyName;
  minWorkers: number;
  maxWorkers: number;
  /** The longest wait for a result that the policy `deadline` accepts. */
  targetWaitSeconds: number;
  /** For the policy `backlog-per-worker`. */
  imagesPerWorker: number;
  /** Undefined: the policy's default. */
  idleBeforeReleaseSeconds?: number | undefined;
  /** Replace outdated workers. */
  roll?: boolean | undefined;
  /** For the policy `deadline`: constants that replace its own. */
  tuning?: Tuning | undefined;
}
