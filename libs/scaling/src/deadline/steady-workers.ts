import type { Arrivals } from './arrivals.ts';
import type { Tuning } from './tuning.ts';

/**
 * Workers for arrivals that go on: enough for the load, and some for its chance variations, which grow with
 * its square root (square-root staffing: Halfin and Whitt 1981, "Heavy-traffic limits for queues with many
 * exponential servers").
 */
export function steadyWorkers(
  { rate15, rate60, sustained }: Arrivals,
  serviceSeconds: number,
  { beta, steadyByMinute }: Pick<Tuning, 'beta' | 'steadyByMinute'>,
): number {
  if (!sustained) return 0;
  const load = (steadyByMinute ? rate60 : Math.max(rate15, rate60)) * serviceSeconds;
  return Math.ceil(load + beta * Math.sqrt(load));
}
