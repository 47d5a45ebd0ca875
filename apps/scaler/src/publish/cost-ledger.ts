import type { FleetInstance } from '@labelfleet/aws/fleet';
import { MAX_CHUNK_IMAGES, MAX_PAGE_IMAGES, type FleetSnapshot } from '@labelfleet/contracts';
import {
  billedSeconds,
  callsOfJob,
  CALLS_OF_WORKER_SECOND,
  callsOfImage,
  callsUsd,
  instanceUsd,
  type Calls,
  type Prices,
} from '@labelfleet/scaling';
import type { FleetKnowledge } from '../observe/fleet-knowledge.ts';

/**
 * Sums that only grow. What has no price is counted separately: while there is any, the sums of USD are incomplete.
 */
export interface CostSums {
  images: number;
  instanceSeconds: number;
  instancesUsd: number;
  queueUsd: number;
  storeUsd: number;
  unpricedSeconds: number;
  unpricedQueue: number;
  unpricedStore: number;
}

export const NO_SUMS: CostSums = {
  images: 0,
  instanceSeconds: 0,
  instancesUsd: 0,
  queueUsd: 0,
  storeUsd: 0,
  unpricedSeconds: 0,
  unpricedQueue: 0,
  unpricedStore: 0,
};

/** The part of an instance's life that is in the sums. */
interface Counted {
  /** Billed seconds; undefined: those billed until `atMs`. */
  seconds: number | undefined;
  /** The total of the last heartbeat that was counted. Undefined: counting begins with the next heartbeat. */
  images: number | undefined;
  /** The same of the images of jobs. */
  jobImages: number | undefined;
  /** When it was last listed or sent a heartbeat. */
  atMs: number;
}

/** The cost of the fleet up to a tick. Plain data, changed by the functions of this file. */
export interface CostLedger {
  /** When counting began. */
  sinceMs: number;
  sums: CostSums;
  /** By instance id. */
  counted: ReadonlyMap<string, Counted>;
  /** Earlier sums, oldest first: the last one that is at least an hour old, and all after it. */
  samples: readonly { atMs: number; sums: CostSums }[];
}

/** A ledger that begins now. The earlier cost of running instances is not counted. */
export const openLedger = (now: number): CostLedger => ({
  sinceMs: now,
  sums: NO_SUMS,
  counted: new Map(),
  samples: [{ atMs: now, sums: NO_SUMS }],
});

/**
 * The ledger of the leader that published this snapshot. Later cost is counted from the next listing and
 * heartbeats; the last seconds and images of instances that have ended since then are lost. If something had no
 * price, a new ledger is opened, because it may have a price now.
 */
export function inheritLedger({ at, cost, instances }: FleetSnapshot, now: number): CostLedger {
  const { instances: instancesUsd, queue: queueUsd, store: storeUsd } = cost.parts;
  if (instancesUsd === null || queueUsd === null || storeUsd === null) return openLedger(now);
  const { images, instanceSeconds } = cost;
  const sums = { ...NO_SUMS, images, instanceSeconds, instancesUsd, queueUsd, storeUsd };
  const atMs = Date.parse(at);
  return {
    sinceMs: Date.parse(cost.since),
    sums,
    counted: new Map(
      instances.map(({ id, completed: images, jobImages = 0 }) => [
        id,
        { seconds: undefined, images, jobImages, atMs },
      ]),
    ),
    samples: [{ atMs, sums }],
  };
}

export interface Rates {
  prices: Prices;
  /** Whether the request queue is FIFO. */
  fifo: boolean;
}

const NO_OTHERS = { job: 0, workerSecond: 0, second: 0 };

/** How long an instance is kept that is neither listed nor sends heartbeats: heartbeats may be late. */
const REMEMBERED_MS = 10 * 60_000;

/**
 * The calls for an image of a job, at the most: its own, and its share of those of a chunk and a page. Those of the
 * whole job are left out.
 */
const CALLS_OF_JOB_IMAGE = callsOfJob(
  { image: 1, chunk: 1 / MAX_CHUNK_IMAGES, page: 1 / MAX_PAGE_IMAGES, ...NO_OTHERS },
  'high',
);

/** Adds the cost of instances and images since the last count. */
export function count(
  ledger: CostLedger,
  { seen, heartbeats }: Pick<FleetKnowledge, 'seen' | 'heartbeats'>,
  rates: Rates,
  now: number,
): CostLedger {
  let { sums } = ledger;
  const counted = new Map(
    [...ledger.counted].filter(
      ([id, { atMs }]) => seen.has(id) || heartbeats.has(id) || now - atMs < REMEMBERED_MS,
    ),
  );
  for (const [id, { instance, atMs }] of seen) {
    const known = counted.get(id) ?? firstSight(instance, ledger);
    const before = known.seconds ?? billedSeconds(secondsBetween(instance.launchedAt, known.atMs));
    // An instance that is shutting down, or is stopped, is not billed any more.
    const ends = instance.state === 'stopping' || instance.state === 'stopped';
    const seconds =
      ends && counted.has(id)
        ? before
        : Math.max(before, billedSeconds(secondsBetween(instance.launchedAt, atMs)));
    sums = addSeconds(sums, instance, seconds - before, rates);
    counted.set(id, { ...known, seconds, atMs: now });
  }
  for (const [id, { event }] of heartbeats) {
    const known = counted.get(id) ?? { seconds: 0, images: 0, jobImages: 0, atMs: now };
    const { imagesCompleted: images } = event;
    const jobImages = event.jobs?.images ?? 0;
    sums = addImages(sums, since(known.images, images), callsOfImage(rates), rates);
    sums = addImages(sums, since(known.jobImages, jobImages), CALLS_OF_JOB_IMAGE, rates);
    counted.set(id, { ...known, images, jobImages, atMs: now });
  }
  return { ...ledger, sums, counted, samples: sample(ledger.samples, sums, now) };
}

/** Launch times come in whole seconds, by the clock of EC2. */
const CLOCKS_DIFFER_MS = 5000;

function firstSight({ launchedAt }: FleetInstance, { sinceMs }: CostLedger): Counted {
  const isOld = launchedAt.getTime() < sinceMs - CLOCKS_DIFFER_MS;
  return {
    seconds: isOld ? secondsBetween(launchedAt, sinceMs) : 0,
    images: isOld ? undefined : 0,
    jobImages: isOld ? undefined : 0,
    atMs: sinceMs,
  };
}

const secondsBetween = (from: Date, toMs: number) => Math.max(0, (toMs - from.getTime()) / 1000);

/** A restarted process counts from 0. */
function since(before: number | undefined, now: number): number {
  if (before === undefined) return 0;
  return now < before ? now : now - before;
}

function addSeconds(
  sums: CostSums,
  { instanceType: type, market }: FleetInstance,
  seconds: number,
  { prices }: Rates,
): CostSums {
  const usd = instanceUsd(prices, { type, market }, seconds);
  const heartbeats = callsUsd(prices, CALLS_OF_WORKER_SECOND).queue;
  return {
    ...sums,
    instanceSeconds: sums.instanceSeconds + seconds,
    instancesUsd: sums.instancesUsd + (usd ?? 0),
    queueUsd: sums.queueUsd + (heartbeats ?? 0) * seconds,
    unpricedSeconds: sums.unpricedSeconds + (usd === null ? seconds : 0),
    unpricedQueue: sums.unpricedQueue + (heartbeats === null ? seconds : 0),
  };
}

function addImages(sums: CostSums, images: number, calls: Calls, { prices }: Rates): CostSums {
  const { queue, store } = callsUsd(prices, calls);
  return {
    ...sums,
    images: sums.images + images,
    queueUsd: sums.queueUsd + (queue ?? 0) * images,
    storeUsd: sums.storeUsd + (store ?? 0) * images,
    unpricedQueue: sums.unpricedQueue + (queue === null ? images : 0),
    unpricedStore: sums.unpricedStore + (store === null ? images : 0),
  };
}

/** The period and the sampling of the cost of the last hour. */
const RECENT_MS = 3_600_000;
const SAMPLE_EVERY_MS = 10_000;

function sample(samples: CostLedger['samples'], sums: CostSums, now: number) {
  const last = samples.at(-1);
  if (last !== undefined && now - last.atMs < SAMPLE_EVERY_MS) return samples;
  const first = samples.findLastIndex(({ atMs }) => now - atMs >= RECENT_MS);
  return [...samples.slice(Math.max(0, first)), { atMs: now, sums }];
}
