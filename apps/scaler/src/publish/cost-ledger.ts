import type { FleetInstance } from '@labelfleet/aws/fleet';
import type { FleetEvent, FleetSnapshot } from '@labelfleet/contracts';
import {
  billedSeconds,
  CALLS_OF_WORKER_SECOND,
  callsOfImage,
  callsUsd,
  instanceUsd,
  type Prices,
} from '@labelfleet/scaling';
import type { FleetKnowledge } from '../observe/fleet-knowledge.ts';

/** Sums that only grow. What has no price is counted apart: no sum of USD tells the whole while there is any. */
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

/** What of an instance is in the sums. */
interface Counted {
  /** Undefined: what was billed until `atMs`. */
  seconds: number | undefined;
  /** As the last report said that was counted. Undefined: the first one will say where counting begins. */
  images: number | undefined;
  /** When it was last seen or heard. */
  atMs: number;
}

/** What the fleet has cost, from tick to tick. Plain data, changed by the functions of this file. */
export interface CostLedger {
  /** From when on everything is counted. */
  sinceMs: number;
  sums: CostSums;
  /** By instance id. */
  counted: ReadonlyMap<string, Counted>;
  /** The sums as they were, oldest first: the last that is an hour old, and those that came after it. */
  samples: readonly { atMs: number; sums: CostSums }[];
}

/** A ledger that begins now. Of instances that run already, what came before is left out. */
export const openLedger = (now: number): CostLedger => ({
  sinceMs: now,
  sums: NO_SUMS,
  counted: new Map(),
  samples: [{ atMs: now, sums: NO_SUMS }],
});

/**
 * The ledger of the scaler that published this snapshot, as it was then. What came later is counted when the
 * instances are seen and heard; of those that have ended since then, their last seconds and images are lost.
 * Where something had no price a new ledger is opened: it may have one now.
 */
export function inheritLedger({ at, cost, instances }: FleetSnapshot, now: number): CostLedger {
  if (cost === undefined) return openLedger(now);
  const { instances: instancesUsd, queue: queueUsd, store: storeUsd } = cost.parts;
  if (instancesUsd === null || queueUsd === null || storeUsd === null) return openLedger(now);
  const { images, instanceSeconds } = cost;
  const sums = { ...NO_SUMS, images, instanceSeconds, instancesUsd, queueUsd, storeUsd };
  const atMs = Date.parse(at);
  return {
    sinceMs: Date.parse(cost.since),
    sums,
    counted: new Map(
      instances.map(({ id, served }) => [id, { seconds: undefined, images: served, atMs }]),
    ),
    samples: [{ atMs, sums }],
  };
}

export interface Rates {
  prices: Prices;
  /** Whether the request queue is FIFO. */
  fifo: boolean;
}

/** How long an instance is remembered that is neither seen nor heard: reports may come late. */
const REMEMBERED_MS = 10 * 60_000;

/** Counts what instances and images have cost since it was last counted. */
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
    // One that is shutting down, or has, is not billed any more.
    const ends = instance.state === 'stopping' || instance.state === 'stopped';
    const seconds =
      ends && counted.has(id)
        ? before
        : Math.max(before, billedSeconds(secondsBetween(instance.launchedAt, atMs)));
    sums = addSeconds(sums, instance, seconds - before, rates);
    counted.set(id, { ...known, seconds, atMs: now });
  }
  for (const [id, { event }] of heartbeats) {
    const known = counted.get(id) ?? { seconds: 0, images: 0, atMs: now };
    sums = addImages(sums, imagesSince(known.images, event), rates);
    counted.set(id, { ...known, images: event.imagesCompleted, atMs: now });
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
    atMs: sinceMs,
  };
}

const secondsBetween = (from: Date, toMs: number) => Math.max(0, (toMs - from.getTime()) / 1000);

/** A process that has started again counts from 0. */
function imagesSince(before: number | undefined, { imagesCompleted }: FleetEvent): number {
  if (before === undefined) return 0;
  return imagesCompleted < before ? imagesCompleted : imagesCompleted - before;
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

function addImages(sums: CostSums, images: number, { prices, fifo }: Rates): CostSums {
  const { queue, store } = callsUsd(prices, callsOfImage({ fifo }));
  return {
    ...sums,
    images: sums.images + images,
    queueUsd: sums.queueUsd + (queue ?? 0) * images,
    storeUsd: sums.storeUsd + (store ?? 0) * images,
    unpricedQueue: sums.unpricedQueue + (queue === null ? images : 0),
    unpricedStore: sums.unpricedStore + (store === null ? images : 0),
  };
}

/** What the cost of the last hour is taken from. */
const RECENT_MS = 3_600_000;
const SAMPLE_EVERY_MS = 10_000;

function sample(samples: CostLedger['samples'], sums: CostSums, now: number) {
  const last = samples.at(-1);
  if (last !== undefined && now - last.atMs < SAMPLE_EVERY_MS) return samples;
  const first = samples.findLastIndex(({ atMs }) => now - atMs >= RECENT_MS);
  return [...samples.slice(Math.max(0, first)), { atMs: now, sums }];
}
