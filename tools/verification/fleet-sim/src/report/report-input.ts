import type { RunResult } from '../types.ts';
import type { WorldSettings } from '../world-settings.ts';

/** The bound for one workload and seed. */
export interface RunBound {
  workload: string;
  seed: number;
  /**
   * The condition on its schedules. `target`: a 95th percentile within the target wait. `same`: within the one of
   * our own policy. `hourly`: for the images of every hour, within the one of our own policy in that hour. `all`:
   * no image waits longer than the target.
   */
  keeps: 'target' | 'same' | 'hourly' | 'all';
  billedSeconds: number;
}

export interface ReportedWorkload {
  name: string;
  /** A short description. */
  about: string;
  durationSeconds: number;
  world: WorldSettings;
}

export interface ReportInput {
  /** The name of the policy that the others are compared with. */
  ours: string;
  workloads: readonly ReportedWorkload[];
  results: readonly RunResult[];
  bounds: readonly RunBound[];
}
