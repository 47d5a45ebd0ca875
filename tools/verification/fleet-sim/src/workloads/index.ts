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

const every = (seconds: number, untilSeconds: number) =>
  Array.from(
    { length: Math.ceil((untilSeconds - START) / seconds) },
    (_, index) => START + index * seconds,
  );

const rateOf =
  (rate: Rate, most: number, durationSeconds: number): WorkloadKind['arrivals'] =>
  (random) =>
    poisson(rate, most, durationSeconds, random);

const steady = (perSecond: number, about: string): WorkloadKind => ({
  name: `poisson-${perSecond}`,
  about,
  durationSeconds: HOUR,
  arrivals: rateOf(() => perSecond, perSecond, HOUR),
});

const burst = (images: number): WorkloadKind => ({
  name: `burst-${images}`,
  about: `${images} images at once`,
  durationSeconds: 30 * MINUTE,
  arrivals: (random) => bursts([START], images, random),
});

/** 50 images every 10 minutes for 2 hours. */
const sparse = (random: Random) => bursts(every(10 * MINUTE, 2 * HOUR), 50, random);

/** Twice the load from a third of the time on. */
const doubled =
  (perSecond: number, fromSeconds: number): Rate =>
  (at) =>
    at < fromSeconds ? perSecond : 2 * perSecond;

const flash: Rate = (at) => (at >= 20 * MINUTE && at < 30 * MINUTE ? 50 : 5);

export const WORKLOADS: readonly WorkloadKind[] = [
  burst(100),
  burst(1000),
  {
    name: 'sparse-bursts',
    about: '50 images every 10 minutes',
    durationSeconds: 2 * HOUR,
    arrivals: sparse,
  },
  {
    name: 'sparse-bursts-slow',
    about: '50 images every 10 minutes, of 2 s each',
    durationSeconds: 2 * HOUR,
    arrivals: sparse,
    serviceSeconds: (random) => random.logNormal(2, 0.2),
  },
  steady(1, '1 image a second'),
  steady(5, '5 images a second'),
  steady(20, '20 images a second'),
  {
    name: 'day-14',
    about: 'a day, from 1 to 14 images a second',
    durationSeconds: DAY,
    arrivals: rateOf(day(1, 14), 14, DAY),
  },
  {
    name: 'day-150',
    about: 'a day, from 10 to 150 images a second',
    durationSeconds: DAY,
    world: { maxWorkers: 30 },
    arrivals: rateOf(day(10, 150), 150, DAY),
  },
  {
    name: 'flash-crowd',
    about: '5 images a second, 50 for 10 minutes',
    durationSeconds: HOUR,
    arrivals: rateOf(flash, 50, HOUR),
  },
  {
    name: 'on-off',
    about: '10 images a second for 4 of every 8 minutes',
    durationSeconds: 64 * MINUTE,
    arrivals: rateOf((at) => (at % (8 * MINUTE) < 4 * MINUTE ? 10 : 0), 10, 64 * MINUTE),
  },
  {
    name: 'trickle',
    about: 'one image a minute, at random times',
    durationSeconds: 4 * HOUR,
    arrivals: rateOf(() => 1 / MINUTE, 1 / MINUTE, 4 * HOUR),
  },
  {
    name: 'heavy-tail',
    about: '2 images a second, of 0.5 s to a minute (Pareto, shape 1.5)',
    durationSeconds: HOUR,
    arrivals: rateOf(() => 2, 2, HOUR),
    serviceSeconds: (random) => Math.min(60, random.pareto(0.5, 1.5)),
  },
  {
    name: 'slow-boots',
    about: '50 images every 10 minutes; one boot in 20 takes three times as long',
    durationSeconds: 2 * HOUR,
    world: { boot: { slowShare: 0.05, slowFactor: 3 } },
    arrivals: sparse,
  },
  {
    name: 'failed-boots',
    about: '50 images every 10 minutes; one boot in 10 never ends',
    durationSeconds: 2 * HOUR,
    world: { boot: { failedShare: 0.1 } },
    arrivals: sparse,
  },
  {
    name: 'drought',
    about: '10 images a second, then 20 without capacity for 10 minutes',
    durationSeconds: HOUR,
    world: { droughts: [{ fromSeconds: 20 * MINUTE, toSeconds: 30 * MINUTE }] },
    arrivals: rateOf(doubled(10, 20 * MINUTE), 20, HOUR),
  },
  {
    name: 'throttling',
    about: '50 images every 10 minutes; 7 of 10 launches are throttled, 1 of 10 calls fails',
    durationSeconds: 2 * HOUR,
    world: { api: { throttledShare: 0.7, errorShare: 0.1 } },
    arrivals: sparse,
  },
  {
    name: 'metric-lag',
    about: '5 images a second, 50 for 10 minutes; counts are a minute old',
    durationSeconds: HOUR,
    world: { api: { countLagSeconds: 60 } },
    arrivals: rateOf(flash, 50, HOUR),
  },
  {
    name: 'kills',
    about: '20 images a second; workers die after an hour on average',
    durationSeconds: HOUR,
    world: { killsPerHour: 1 },
    arrivals: rateOf(() => 20, 20, HOUR),
  },
  {
    name: 'spot',
    about: '20 images a second; Spot takes workers back after an hour on average',
    durationSeconds: HOUR,
    world: { spotInterruptionsPerHour: 1 },
    arrivals: rateOf(() => 20, 20, HOUR),
  },
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
