import { bootStream, drawBoot } from '../engine/ec2.ts';
import { imagesByWindow } from '../images-by-window.ts';
import type { Workload } from '../types.ts';
import { leastCost, type Bound } from './least-cost.ts';
import { sumOf } from '../statistics.ts';
import type { FluidWork } from './slotted-work.ts';
import type { WindowWork } from './window-cost.ts';

/** What a schedule has to keep. */
export interface ServiceLevel {
  waitSeconds: number;
  /** Of images, those that wait no longer. */
  share: number;
}

/** What a schedule has to keep of the images that arrive in each window of a run. */
export interface WindowedServiceLevel {
  windowSeconds: number;
  /** By window, from the beginning of the run; those of windows in which nothing arrives are not looked at. */
  waitSeconds: readonly (number | null)[];
  /** Of the images of every window, those that wait no longer. */
  share: number;
}

/**
 * The fewest instance-seconds, or less, that a schedule is billed which knows all arrivals, service times and
 * boots and answers this share of images within this wait. It may launch before the run begins; no launch of it
 * fails, and it loses no instance.
 * @param mostStates how fine the search is, and how long it takes (see BoundProblem)
 */
export const clairvoyantBound = (
  workload: Workload,
  { waitSeconds, share }: ServiceLevel,
  mostStates?: number,
): Bound =>
  windowedBound(
    workload,
    { windowSeconds: Infinity, waitSeconds: [waitSeconds], share },
    mostStates,
  );

/**
 * The same for schedules that answer this share of the images of every window within the wait of that window.
 * @throws where a window has images and no wait
 */
export function windowedBound(
  workload: Workload,
  level: WindowedServiceLevel,
  mostStates = 10_000_000,
): Bound {
  const { world } = workload;
  const work = fluidWork(workload);
  return leastCost({
    windows: windowsOf(workload, work, level),
    boots: bootsOf(workload, work),
    minimumSeconds: world.billing.minimumSeconds,
    maxWorkers: world.maxWorkers,
    mostStates,
  });
}

/** Work of the whole run. */
type Ready = Record<keyof FluidWork, Float64Array>;

/** The windows in which images arrive. */
function windowsOf(
  { arrivals, world }: Workload,
  { arrivals: readyAt, workerSeconds }: Ready,
  { windowSeconds, waitSeconds, share }: WindowedServiceLevel,
): WindowWork[] {
  const beginOf = (window: number) => (window === 0 ? 0 : window * windowSeconds);
  const windows = [...imagesByWindow(arrivals, windowSeconds).entries()].filter(
    ([, { first, end }]) => first < end,
  );
  return windows.map(([window, { first, end }], place) => {
    const wait = waitSeconds[window];
    if (wait == null) throw new Error(`window ${window} has images and no wait to keep`);
    const next = windows[place + 1]?.[0];
    const begin = beginOf(window);
    return {
      work: {
        arrivals: readyAt.subarray(first, end).map((at) => at - begin),
        workerSeconds: workerSeconds.subarray(first, end),
      },
      waitSeconds: Math.max(0, wait - world.overheadSeconds),
      mostLate: end - first - Math.ceil(share * (end - first)),
      untilSeconds: next === undefined ? Infinity : beginOf(next) - begin,
    };
  });
}

/**
 * Images as seconds of a whole worker, ready when they have been fetched: their share of its threads or, where
 * that is more in sum, of its slots.
 */
function fluidWork({ arrivals, serviceSeconds, world }: Workload): Ready {
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
function bootsOf({ seed, world }: Workload, { workerSeconds }: Ready): Float64Array {
  const { boot, billing } = world;
  // As many launches as could ever be cheapest; those beyond are counted as the least that is billed.
  const worthKnowing =
    Math.min(workerSeconds.length, 20_000) + Math.ceil(sumOf(workerSeconds) / 30) + 1;
  const random = bootStream(seed);
  return Float64Array.from({ length: worthKnowing }, () =>
    Math.min(drawBoot(boot, random), billing.minimumSeconds),
  );
}
