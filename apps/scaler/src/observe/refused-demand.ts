import type { RefusalEvent } from '@labelfleet/contracts';

interface Refusals {
  count: number;
  /** By the gateway's clock, in milliseconds since the epoch. */
  atMs: number;
  receivedAtMs: number;
  /** When their callers are expected to have retried. */
  comeAgainAtMs: number;
}

/** Requests that gateways refused for want of workers, by the name of the event. */
export type RefusedDemand = ReadonlyMap<string, Refusals>;

export const NOTHING_REFUSED: RefusedDemand = new Map();

/**
 * The callers of an older event have already retried; a scaler that was down finds such events on the queue. The
 * clocks of scaler and gateway differ by less than this, because AWS refuses calls signed with a clock that is 5
 * minutes off. An event is kept for the same time, so that a second delivery does not count again.
 */
const NEWS_FOR_MS = 5 * 60_000;

/** Callers with a longer Retry-After are not counted for longer; they are refused again when they retry. */
const LONGEST_WAIT_MS = 10 * 60_000;

/** How long a worker is kept for callers who should have retried by now: boots and callers may be late. */
const GRACE_MS = 15_000;

/** Adds an event. A repeated delivery or an event that is too old changes nothing. */
export function takeRefusal(
  before: RefusedDemand,
  event: RefusalEvent,
  now: number,
): RefusedDemand {
  const name = `${event.gatewayId} ${event.at}`;
  const atMs = Date.parse(event.at);
  if (before.has(name) || Math.abs(now - atMs) >= NEWS_FOR_MS) return before;
  const kept = [...before].filter(
    ([, { receivedAtMs, comeAgainAtMs }]) =>
      now < Math.max(receivedAtMs + NEWS_FOR_MS, comeAgainAtMs + GRACE_MS),
  );
  const comeAgainAtMs = now + Math.min(1000 * event.retryAfterSeconds, LONGEST_WAIT_MS);
  return new Map([...kept, [name, { count: event.count, atMs, receivedAtMs: now, comeAgainAtMs }]]);
}

/**
 * How many images refused demand counts as: the most requests that were refused within one target wait, as if they
 * had been accepted together. A caller who retries several times is counted each time, so the sum over a longer
 * time would be too high. Once the last caller should have retried, the retried requests are on the request queue
 * and counted there. One image remains, which keeps a worker for late callers and launches no more; after the grace
 * period it is zero.
 */
export function countRefused(refused: RefusedDemand, targetWaitSeconds: number, now: number) {
  const awaited = [...refused.values()]
    .filter(({ comeAgainAtMs }) => now < comeAgainAtMs)
    .sort((a, b) => a.atMs - b.atMs);
  let most = 0;
  let within = 0;
  let first = 0;
  for (const { count, atMs } of awaited) {
    within += count;
    for (let oldest = awaited[first]; oldest !== undefined; oldest = awaited[++first]) {
      if (atMs - oldest.atMs < 1000 * targetWaitSeconds) break;
      within -= oldest.count;
    }
    most = Math.max(most, within);
  }
  if (most > 0) return most;
  const due = [...refused.values()].some(({ comeAgainAtMs }) => now < comeAgainAtMs + GRACE_MS);
  return due ? 1 : 0;
}
