import type { FleetCost } from '@labelfleet/contracts';
import { hourPrice, type Market, type Prices } from '@labelfleet/scaling';
import { NO_SUMS, type CostLedger, type CostSums } from './cost-ledger.ts';
import type { FleetKnowledge } from '../observe/fleet-knowledge.ts';

type Seen = FleetKnowledge['seen'];

/** The cost of the fleet, as published. */
export function viewCost(ledger: CostLedger, seen: Seen, prices: Prices): FleetCost {
  const hours = machines(seen).map(({ type, market }) => hourPrice(prices, type, market));
  const then = ledger.samples[0] ?? { atMs: ledger.sinceMs, sums: NO_SUMS };
  const lastHour = costOf(then.atMs, subtract(ledger.sums, then.sums));
  const { images, total } = lastHour;
  return {
    currency: 'USD',
    perHourNow: rounded(sum(hours.map((price) => price?.usd ?? null))),
    perImage: images === 0 || total === null ? null : rounded(total / images),
    spotAtMost: hours.some((price) => price?.upperLimit === true),
    ...costOf(ledger.sinceMs, ledger.sums),
    lastHour,
  };
}

/** The types of running instances without a known price, each once. */
export function withoutPrice(seen: Seen, prices: Prices): string[] {
  const unpriced = machines(seen).filter(
    ({ type, market }) => hourPrice(prices, type, market) === null,
  );
  return [...new Set(unpriced.map(({ type }) => type))];
}

/** The listed instances that are billed. */
const machines = (seen: Seen): { type: string; market: Market }[] =>
  [...seen.values()]
    .filter(({ instance }) => instance.state !== 'stopping' && instance.state !== 'stopped')
    .map(({ instance: { instanceType: type, market } }) => ({ type, market }));

function costOf(sinceMs: number, sums: CostSums): FleetCost['lastHour'] {
  const known = (usd: number, unpriced: number) => (unpriced > 0 ? null : usd);
  const instances = known(sums.instancesUsd, sums.unpricedSeconds);
  const queue = known(sums.queueUsd, sums.unpricedQueue);
  const store = known(sums.storeUsd, sums.unpricedStore);
  return {
    since: new Date(sinceMs).toISOString(),
    images: sums.images,
    instanceSeconds: Math.round(sums.instanceSeconds * 1000) / 1000,
    total: rounded(sum([instances, queue, store])),
    parts: { instances: rounded(instances), queue: rounded(queue), store: rounded(store) },
  };
}

const subtract = (a: CostSums, b: CostSums): CostSums => ({
  images: a.images - b.images,
  instanceSeconds: a.instanceSeconds - b.instanceSeconds,
  instancesUsd: a.instancesUsd - b.instancesUsd,
  queueUsd: a.queueUsd - b.queueUsd,
  storeUsd: a.storeUsd - b.storeUsd,
  unpricedSeconds: a.unpricedSeconds - b.unpricedSeconds,
  unpricedQueue: a.unpricedQueue - b.unpricedQueue,
  unpricedStore: a.unpricedStore - b.unpricedStore,
});

/** Null if one part is null. */
const sum = (parts: readonly (number | null)[]): number | null =>
  parts.reduce((a, b) => (a === null || b === null ? null : a + b), 0);

/** Rounds to a billionth of a dollar: an image costs some hundred-thousandths. */
const rounded = (usd: number | null) => (usd === null ? null : Math.round(usd * 1e9) / 1e9);
