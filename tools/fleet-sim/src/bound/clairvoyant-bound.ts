import { bootStream, drawBoot } from '../engine/ec2.ts';
import type { Workload } from '../types.ts';
import { leastCost, type Bound } from './least-cost.ts';
import { type FluidWork, sumOf } from './slotted-work.ts';

/** What a schedule has to keep. */
export interface ServiceLevel {
  waitSeconds: number;
  /** Of images, those that wait no longer. */
  share: number;
}

/**
 * The fewest instance-seconds, or less, that a schedule is billed which knows all arrivals, service times and
 * boots and answers this share of images within this wait. It may launch before the run begins; no launch of it
 * fails, and it loses no instance.
 * @param mostStates how fine the search is, and how long it takes (see BoundProblem)
 */
export function clairvoyantBound(
  workload: Workload,
  { waitSeconds, share }: ServiceLevel,
  mostStates = 10_000_000,
): Bound {
  const { arrivals, world } = workload;
  const images = arrivals.length;
  const work = fluidWork(workload);
  return leastCost({
    work,
    waitSeconds: Math.max(0, waitSeconds - world.overheadSeconds),
    mostLate: images - Math.ceil(share * images),
    boots: bootsOf(workload, work),
    minimumSeconds: world.billing.minimumSeconds,
    maxWorkers: world.maxWorkers,
    mostStates,
  });
}

/**
 * Images as seconds of a whole worker, ready when they have been fetched: their share of its threads or, where
 * that is more in sum, of its slots.
 */
function fluidWork({ arrivals, serviceSeconds, world }: Workload): FluidWork {
  const { threads, slots, overheadSeconds } = world;
  const byThreads = Float64Array.from(
    serviceSeconds,
    (seconds) => seconds / Math.min(threads, slots),
  );
  const bySlots = Float64Array.from(
    serviceSeconds,
    (seconds) => (seconds + overheadSeconds) / slots,
  );
  return {
    arrivals: Float64Array.from(arrivals, (at) => at + overheadSeconds),
    workerSeconds: sumOf(byThreads) >= sumOf(bySlots) ? byThreads : bySlots,
  };
}

/**
 * The boots of the run, in the order of launches. One that takes longer than the least that is billed counts as
 * that: a schedule that knows it would end it at once.
 */
function bootsOf({ seed, world }: Workload, { workerSeconds }: FluidWork): Float64Array {
  const { boot, billing } = world;
  // As many launches as could ever be cheapest; those beyond are counted as the least that is billed.
  const worthKnowing =
    Math.min(workerSeconds.length, 20_000) + Math.ceil(sumOf(workerSeconds) / 30) + 1;
  const random = bootStream(seed);
  return Float64Array.from({ length: worthKnowing }, () =>
    Math.min(drawBoot(boot, random), billing.minimumSeconds),
  );
}
