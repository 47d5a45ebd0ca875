import type { Arrivals } from './arrivals.ts';
import type { Times } from './expect-times.ts';
import type { Tuning } from './tuning.ts';

/**
 * Workers for sustained arrivals: enough for the load, and a reserve for its random variations. With n workers for
 * a load of a, each image S seconds of one, a share of exp(-(n - a) t / S) waits for longer than t (Kingman 1962,
 * "On queues in heavy traffic", for arrivals and services that vary as exponential ones do), so that (n - a) = S
 * ln(1 / late) / t keeps the target. More than the square root of the load is never needed, because then hardly any
 * image waits (Halfin and Whitt 1981, "Heavy-traffic limits for queues with many exponential servers").
 */
export function steadyWorkers(
  { rate60, sustained }: Pick<Arrivals, 'rate60' | 'sustained'>,
  { service, target }: Pick<Times, 'service' | 'target'>,
  { beta, lateShare }: Pick<Tuning, 'beta' | 'lateShare'>,
): number {
  if (!sustained) return 0;
  const load = rate60 * service;
  const forTarget = (service * Math.log(1 / lateShare)) / target;
  return Math.ceil(load + Math.min(beta * Math.sqrt(load), forTarget));
}
