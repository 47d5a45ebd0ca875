import { bootStream, drawBoot } from '../engine/ec2.ts';
import { imagesByWindow } from '../images-by-window.ts';
import type { Workload } from '../types.ts';
import { leastCost, type Bound, type WindowWork } from './least-cost.ts';
import { sumOf } from '../statistics.ts';
import type { FluidWork } from './slotted-work.ts';

/** The condition on a schedule. */
export interface ServiceLevel {
  /** Default: the whole run is one window. */
  windowSeconds?: number;
  /** By window from the start of the run; those of windows without arrivals are ignored. */
  waitSeconds: readonly (number | null)[];
  /** The share of images of every window that wait no longer. */
  share: number;
}

/**
 * A lower bound of the billed instance-seconds of any schedule that answers this share of each window's images
 * within the wait of that window, even one that knows all arrivals, service times and boots, launches before the
 * run begins and has no faults.
 * @param mostStates the resolution and so the duration of the search (see BoundProblem)
 * @throws Error if a window has images but no wait
 */
export function clairvoyantBound(
  workload: Workload,
  level: ServiceLevel,
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

/** The work of the whole run. */
type Ready = Record<keyof FluidWork, Float64Array>;

/** The windows in which images arrive. */
function windowsOf(
  { arrivals, world }: Workload,
  { arrivals: readyAt, workerSeconds }: Ready,
  { windowSeconds = Infinity, waitSeconds, share }: ServiceLevel,
): WindowWork[] {
  const beginOf = (window: number) => (window === 0 ? 0 : window * windowSeconds);
  const windows = [...imagesByWindow(arrivals, windowSeconds).entries()].filter(
    ([, { first, end }]) => first < end,
  );
  return windows.map(([window, { first, end }], place) => {
    const wait = waitSeconds[window];
    if (wait == null) throw new Error(`window ${window} has images but no wait`);
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
 * Images as seconds of a whole worker, ready after their fetch: their share of its threads. Its slots do not limit it,
 * because it receives ahead.
 */
function fluidWork({ arrivals, serviceSeconds, world }: Workload): Ready {
  const { threads, overheadSeconds } = world;
  return {
    arrivals: Float64Array.from(arrivals, (at) => at + overheadSeconds),
    workerSeconds: Float64Array.from(serviceSeconds, (seconds) => seconds / threads),
  };
}

/**
 * The boots of the run in the order of launches. A longer boot than the billing minimum counts as the minimum,
 * because a schedule that knows it would end it at once.
 */
function bootsOf({ seed, world }: Workload, { workerSeconds }: Ready): Float64Array {
  const { boot, billing } = world;
  // The largest number of launches that could be optimal; further ones count as the billing minimum.
  const worthKnowing =
    Math.min(workerSeconds.length, 20_000) + Math.ceil(sumOf(workerSeconds) / 30) + 1;
  const random = bootStream(seed);
  return Float64Array.from({ length: worthKnowing }, () =>
    Math.min(drawBoot(boot, random), billing.minimumSeconds),
  );
}
