import { Random } from '@labelfleet/testkit/random';
import type { Workload } from '../types.ts';
import { aWorld, bothChanges, type WorldChanges } from '../world-settings.ts';
import { bursts, day, poisson, type Rate } from './arrivals.ts';

/** A kind of workload, from which a seed makes a workload. */
export interface WorkloadKind {
  name: string;
  /** A short description. */
  about: string;
  durationSeconds: number;
  world?: WorldChanges;
  arrivals: (random: Random) => Float64Array;
  /** Seconds of one image on one thread. */
  serviceSeconds?: (random: Random) => number;
}

const MINUTE = 60;
const HOUR = 3600;
const DAY = 24 * HOUR;

/** The embedded model on c7g.large: 0.25 s ± 20%. */
export const usualService = (random: Random) => random.logNormal(0.25, 0.2);

/** The first minute is empty, so that no burst coincides with the first tick. */
const START = MINUTE;

type Changes = Partial<WorkloadKind>;

/** Arrivals at a rate, for an hour unless changed. @param most an upper bound of the rate */
function atRate(
  name: string,
  about: string,
  rate: Rate,
  most: number,
  { durationSeconds = HOUR, ...changes }: Changes = {},
): WorkloadKind {
  const arrivals = (random: Random) => poisson(rate, most, durationSeconds, random);
  return { name, about, durationSeconds, arrivals, ...changes };
}

const steady = (perSecond: number, name = `poisson-${perSecond}`, more = '', changes?: Changes) =>
  atRate(
    name,
    `${perSecond} image${perSecond === 1 ? '' : 's'} a second${more}`,
    () => perSecond,
    perSecond,
    changes,
  );

const burst = (images: number): WorkloadKind => ({
  name: `burst-${images}`,
  about: `${images} images at once`,
  durationSeconds: 30 * MINUTE,
  arrivals: (random) => bursts([START], images, random),
});

/** 50 images every 10 minutes for 2 hours. */
const sparse = (name: string, more = '', changes?: Changes): WorkloadKind => ({
  name,
  about: `50 images every 10 minutes${more}`,
  durationSeconds: 2 * HOUR,
  arrivals: (random) => {
    const starts = Array.from({ length: 12 }, (_, index) => START + index * 10 * MINUTE);
    return bursts(starts, 50, random);
  },
  ...changes,
});

const flash: Rate = (at) => (at >= 20 * MINUTE && at < 30 * MINUTE ? 50 : 5);
const flashes = '5 images a second, 50 for 10 minutes';

export const WORKLOADS: readonly WorkloadKind[] = [
  burst(100),
  burst(1000),
  sparse('sparse-bursts'),
  sparse('sparse-bursts-slow', ', of 2 s each', {
    serviceSeconds: (random) => random.logNormal(2, 0.2),
  }),
  steady(1),
  steady(5),
  steady(20),
  atRate('day-14', 'a day, from 1 to 14 images a second', day(1, 14), 14, { durationSeconds: DAY }),
  atRate('day-150', 'a day, from 10 to 150 images a second', day(10, 150), 150, {
    durationSeconds: DAY,
    world: { maxWorkers: 30 },
  }),
  atRate('flash-crowd', flashes, flash, 50),
  atRate(
    'on-off',
    '10 images a second for 4 of every 8 minutes',
    (at) => (at % (8 * MINUTE) < 4 * MINUTE ? 10 : 0),
    10,
    { durationSeconds: 64 * MINUTE },
  ),
  atRate('trickle', 'one image a minute, at random times', () => 1 / MINUTE, 1 / MINUTE, {
    durationSeconds: 4 * HOUR,
  }),
  steady(2, 'heavy-tail', ', of 0.5 s to a minute (Pareto, shape 1.5)', {
    serviceSeconds: (random) => Math.min(60, random.pareto(0.5, 1.5)),
  }),
  sparse('slow-boots', '; one boot in 20 takes three times as long', {
    world: { boot: { slowShare: 0.05, slowFactor: 3 } },
  }),
  sparse('failed-boots', '; one boot in 10 never ends', { world: { boot: { failedShare: 0.1 } } }),
  atRate(
    'drought',
    '10 images a second, then 20 without capacity for 10 minutes',
    (at) => (at < 20 * MINUTE ? 10 : 20),
    20,
    { world: { droughts: [{ fromSeconds: 20 * MINUTE, toSeconds: 30 * MINUTE }] } },
  ),
  sparse('throttling', '; 7 of 10 launches are throttled, 1 of 10 calls fails', {
    world: { api: { throttledShare: 0.7, errorShare: 0.1 } },
  }),
  atRate('metric-lag', `${flashes}; counts are a minute old`, flash, 50, {
    world: { api: { countLagSeconds: 60 } },
  }),
  steady(20, 'kills', '; workers die after an hour on average', { world: { killsPerHour: 1 } }),
  steady(20, 'spot', '; Spot takes workers back after an hour on average', {
    world: { spotInterruptionsPerHour: 1 },
  }),
];

/** @throws Error for an unknown name */
export function workloadNamed(name: string): WorkloadKind {
  const kind = WORKLOADS.find((each) => each.name === name);
  if (kind === undefined) throw new Error(`unknown workload ${name}`);
  return kind;
}

/**
 * The same kind and seed make the same workload.
 * @param changes settings of the world in addition to those of the kind
 */
export function makeWorkload(
  kind: WorkloadKind,
  seed: number,
  changes: WorldChanges = {},
): Workload {
  const arrivals = kind.arrivals(new Random(seed, `${kind.name}/arrivals`));
  const { name, durationSeconds, serviceSeconds = usualService } = kind;
  const random = new Random(seed, `${name}/service`);
  return {
    name,
    arrivals,
    serviceSeconds: new Float32Array(arrivals.length).map(() => serviceSeconds(random)),
    durationSeconds,
    world: worldOf(kind, changes),
    seed,
  };
}

export const worldOf = ({ world }: WorkloadKind, changes: WorldChanges = {}) =>
  aWorld(bothChanges(world ?? {}, changes));
