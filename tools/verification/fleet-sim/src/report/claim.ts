import type { RunResult } from '../types.ts';

/** A claim about our policy, and whether the runs confirm it. */
export interface Claim {
  claim: string;
  holds: boolean;
  /** The numbers that decide it. */
  figures: string;
  /** The runs in which it does not hold. */
  against: readonly string[];
}

export const label = ({ workload, seed }: RunResult) => `${workload}, seed ${seed}`;
export const seconds = (value: number) => `${value.toFixed(2)} s`;
export const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
