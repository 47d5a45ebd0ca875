import type { Arrivals } from './arrivals.ts';
import type { Times } from './expect-times.ts';
import { steadyWorkers } from './steady-workers.ts';
import type { Tuning } from './tuning.ts';

/** The work for the fleet. */
export interface Demand {
  /** Images now; refused ones count as if they had been accepted. */
  work: number;
  /** Images to complete within the horizon: `work` and the expected arrivals. */
  need: number;
  /** For how many seconds of the horizon arrivals are expected, and how many a second. */
  forecastSeconds: number;
  forecastRate: number;
  /** Workers for sustained arrivals. */
  steady: number;
  /** No worker is released below this number of workers. */
  keep: number;
}

/** @param work images now, refused ones included */
export function demandOf(work: number, arrivals: Arrivals, times: Times, tuning: Tuning): Demand {
  const { ahead, sustained, rate60 } = arrivals;
  const forecastSeconds = Math.min(ahead.seconds, times.horizon);
  const forecastRate = forecastSeconds > 0 ? ahead.rate : 0;
  const steady = steadyWorkers(arrivals, times, tuning);
  // With sustained arrivals some images always wait for a short time; they are not a backlog that needs more
  // workers.
  const usual = sustained ? rate60 * times.keepWithin : 0;
  return {
    work,
    need: (work > usual ? work : 0) + forecastRate * forecastSeconds,
    forecastSeconds,
    forecastRate,
    steady,
    keep: Math.max(steady, Math.ceil((work * times.service) / times.keepWithin)),
  };
}
