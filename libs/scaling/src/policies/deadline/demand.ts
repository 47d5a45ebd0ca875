import type { Arrivals } from './arrivals.ts';
import type { Times } from './expect-times.ts';
import { steadyWorkers } from './steady-workers.ts';
import type { Tuning } from './tuning.ts';

/** What is asked of the fleet. */
export interface Demand {
  /** Images there are now, refused ones included: they count as if they had been accepted. */
  work: number;
  /** Images to settle within the horizon: those, and the ones expected to arrive. */
  need: number;
  /** For how long of it arrivals are expected, and how many a second. */
  forecastSeconds: number;
  forecastRate: number;
  /** Workers for the arrivals that go on. */
  steady: number;
  /** Workers below which nobody is released. */
  keep: number;
}

/** @param work images there are now, refused ones included */
export function demandOf(work: number, arrivals: Arrivals, times: Times, tuning: Tuning): Demand {
  const { ahead, sustained, rate60 } = arrivals;
  const expected = tuning.forecast && (sustained || tuning.forecastBeginnings);
  const forecastSeconds = expected ? Math.min(ahead.seconds, times.horizon) : 0;
  const forecastRate = forecastSeconds > 0 ? ahead.rate : 0;
  const steady = tuning.steady ? steadyWorkers(arrivals, times, tuning) : 0;
  // What always waits a little while more arrives is no backlog that would have to be worked off.
  const usual = tuning.forecast && sustained && tuning.letWait ? rate60 * times.keepWithin : 0;
  return {
    work,
    need: (work > usual ? work : 0) + forecastRate * forecastSeconds,
    forecastSeconds,
    forecastRate,
    steady,
    keep: Math.max(steady, Math.ceil((work * times.service) / times.keepWithin)),
  };
}
