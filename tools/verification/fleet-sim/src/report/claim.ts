import type { RunResult } from '../types.ts';

/** One thing that is claimed of our policy, and whether the runs bear it out. */
export interface Claim {
  claim: string;
  holds: boolean;
  /** The figures that decide. */
  figures: string;
  /** Where it does not hold, run by run. */
  against: readonly string[];
}

export const label = ({ workload, seed }: RunResult) => `${workload}, seed ${seed}`;
export const seconds = (value: number) => `${value.toFixed(2)} s`;
export const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
