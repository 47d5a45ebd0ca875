import type { RefusalEvent } from '@labelfleet/contracts';

interface Refusals {
  count: number;
  /** By the gateway's clock, in milliseconds since the epoch. */
  atMs: number;
  receivedAtMs: number;
  /** By when their callers have come again. */
  comeAgainAtMs: number;
}

/** What gateways have refused for want of workers, by the name of the event that told of it. */
export type RefusedDemand = ReadonlyMap<string, Refusals>;

export const NOTHING_REFUSED: RefusedDemand = new Map();

/**
 * An older event says nothing of who comes again: a scaler that was down finds such events on the queue. The
 * clocks of scaler and gateway may differ by less than that, as AWS refuses calls signed with a clock that is
 * 5 minutes off. An event is remembered as long, so that a second delivery does not count again.
 */
const NEWS_FOR_MS = 5 * 60_000;

/** A caller who was told to wait for longer is forgotten, and refused again when it comes. */
const LONGEST_WAIT_MS = 10 * 60_000;

/** How long a worker is kept for callers who are due: boots are not punctual, and neither are callers. */
const GRACE_MS = 15_000;

/** Takes in an event; one that was delivered before, or is too old, changes nothing. */
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
 * How many images refused demand counts for: the most that were refused within one target wait, as if those
 * had been accepted together. A caller who comes again and again within it is counted again and again, so the
 * sum over a longer time would mean nothing. Once the last caller is due, whoever came is on the request queue
 * and counted there: a single image is left then, which keeps a worker for those who are late and launches no
 * more, and after the grace nothing is.
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
