import type { Arrivals } from './arrivals.ts';

/**
 * Workers for arrivals that go on: enough for the load, and some for its chance variations, which grow with
 * its square root (square-root staffing: Halfin and Whitt 1981, "Heavy-traffic limits for queues with many
 * exponential servers").
 */
export function steadyWorkers(arrivals: Arrivals, serviceSeconds: number, beta: number): number {
  if (!arrivals.sustained) return 0;
  const load = Math.max(arrivals.rate15, arrivals.rate60) * serviceSeconds;
  return Math.ceil(load + beta * Math.sqrt(load));
}
