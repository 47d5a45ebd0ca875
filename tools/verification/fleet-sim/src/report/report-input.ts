import type { RunResult, WorldSettings } from '../types.ts';

/** The bound for one workload and seed. */
export interface RunBound {
  workload: string;
  seed: number;
  /**
   * What its schedules keep: `target` and `same`, a 95th percentile within the target wait, or within the one that
   * our own policy kept; `hourly`, of the images that arrive in every hour, a 95th percentile within the one that
   * our own policy kept for them; `all`, that no image waits longer than the target.
   */
  keeps: 'target' | 'same' | 'hourly' | 'all';
  billedSeconds: number;
}

export interface ReportedWorkload {
  name: string;
  /** In a few words, for people. */
  about: string;
  durationSeconds: number;
  world: WorldSettings;
}

export interface ReportInput {
  /** The name of the policy that the others are measured against. */
  ours: string;
  workloads: readonly ReportedWorkload[];
  results: readonly RunResult[];
  bounds: readonly RunBound[];
}
