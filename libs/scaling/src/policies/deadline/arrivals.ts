import type { Backlog } from '../../observation.ts';

/**
 * One second's sample: images arrived so far (from an unknown start), images on the queue, and images completed
 * according to heartbeats.
 */
export type ArrivalSample = readonly [
  second: number,
  arrived: number,
  queued: number,
  completed: number,
];

/**
 * Arrivals are the images on the queue plus those completed, but neither number is current. SQS's counts are a
 * second old or more: images completed since then would be counted twice, so a heartbeat counts from the next tick
 * on. A completed image leaves the queue at once, but its heartbeat comes up to 3 s plus its delivery later: while
 * a backlog is processed, the sum is always too low. The number of arrivals therefore never decreases until the
 * queue has been empty for so long that every heartbeat must have come. That also corrects a count of SQS that was
 * too high (its attributes are approximate) and images that left the queue without a heartbeat: each of them hides
 * as many arrivals, once.
 */
const REPORTS_LAG_SECONDS = 10;
const COUNTS_LAG_SECONDS = 2;

/** Arrivals are sustained if there were some both recently and a while ago, for some ticks in a row. */
const LATELY_SECONDS = 10;
const A_WHILE_AGO_SECONDS = { from: 60, to: 30 };
const FOR_SECONDS = [0, 2, 4];

/**
 * Before that is known, arrivals are expected to continue if there were some in each of the last three or more
 * slices. Images that arrive between two ticks fall into two slices at most, so a single burst does not count.
 */
const SLICE_SECONDS = 6;
const LEAST_SLICES = 3;

const KEPT_SECONDS = A_WHILE_AGO_SECONDS.from + Math.max(...FOR_SECONDS) + 2;

/** With less history than this a rate would be noise. */
const LEAST_SPAN_SECONDS = 5;

/** Adds a tick's sample; one sample a second is enough. */
export function takeSample(
  samples: readonly ArrivalSample[],
  { visible, inFlight, delayed }: Backlog,
  completed: number,
  now: number,
): ArrivalSample[] {
  const second = Math.floor(now / 1000);
  const queued = visible + inFlight + delayed;
  const last = samples.at(-1);
  const sameSecond = last?.[0] === second;
  const before = (sameSecond ? samples.slice(0, -1) : samples).filter(
    ([at]) => at < second && second - at <= KEPT_SECONDS,
  );
  const held = sameSecond ? Math.max(last[2], queued) : queued;
  const completedBefore =
    before.findLast(([at]) => second - at >= COUNTS_LAG_SECONDS)?.[3] ?? completed;
  const arrived = isAtRest(before, held, second)
    ? completed
    : Math.max(queued + completedBefore, last?.[1] ?? 0);
  return [...before, [second, arrived, held, completed]];
}

/** True if the queue has been empty for so long that every heartbeat has come. */
function isAtRest(before: readonly ArrivalSample[], queued: number, second: number): boolean {
  const lately = before.filter(([at]) => second - at <= REPORTS_LAG_SECONDS);
  return queued === 0 && lately.length < before.length && lately.every(([, , held]) => held === 0);
}

export interface Arrivals {
  /** Images a second over the last 15 s and 60 s, or over the part of that with samples. */
  rate15: number;
  rate60: number;
  /** True if arrivals have continued for so long that their end cannot be predicted. */
  sustained: boolean;
  /** For how many seconds arrivals are expected to continue, and how many come a second. */
  ahead: { seconds: number; rate: number };
}

export function readArrivals(samples: readonly ArrivalSample[]): Arrivals {
  const now = samples.at(-1)?.[0] ?? 0;
  const span = now - (samples[0]?.[0] ?? now);
  const rate = (seconds: number) =>
    between(samples, now - seconds, now) / Math.min(seconds, Math.max(span, LEAST_SPAN_SECONDS));
  const rate60 = rate(60);
  const sustained = FOR_SECONDS.every((ago) => continued(samples, now - ago));
  return {
    rate15: rate(15),
    rate60,
    sustained,
    ahead: sustained ? { seconds: Infinity, rate: rate60 } : expectAhead(samples, now),
  };
}

function continued(samples: readonly ArrivalSample[], then: number): boolean {
  const { from, to } = A_WHILE_AGO_SECONDS;
  return (
    someBetween(samples, then - LATELY_SECONDS, then) &&
    someBetween(samples, then - from, then - to)
  );
}

/**
 * Arrivals that have continued for some time are expected to continue for as long again, which is the median if
 * they are observed at a random moment (Gott 1993, "Implications of the Copernican principle for our future
 * prospects", Nature 363).
 */
function expectAhead(samples: readonly ArrivalSample[], now: number): Arrivals['ahead'] {
  let slices = 0;
  const begin = (slice: number) => now - slice * SLICE_SECONDS;
  const seenFrom = samples[0]?.[0] ?? now;
  while (begin(slices + 1) >= seenFrom && someBetween(samples, begin(slices + 1), begin(slices)))
    slices++;
  if (slices < LEAST_SLICES) return { seconds: 0, rate: 0 };
  const seconds = slices * SLICE_SECONDS;
  return { seconds, rate: between(samples, now - seconds, now) / seconds };
}

const someBetween = (samples: readonly ArrivalSample[], from: number, to: number): boolean =>
  between(samples, from, to) >= 0.5;

function between(samples: readonly ArrivalSample[], from: number, to: number): number {
  return Math.max(0, arrivedAt(samples, to) - arrivedAt(samples, from));
}

/**
 * Images are assumed to arrive evenly between two samples, so that a gap in the samples does not look like a burst.
 */
function arrivedAt(samples: readonly ArrivalSample[], second: number): number {
  const after = samples.findIndex(([at]) => at >= second);
  if (after === -1) return samples.at(-1)?.[1] ?? 0;
  const [afterAt, afterImages] = samples[after] ?? [second, 0];
  const before = samples[after - 1];
  if (before === undefined || afterAt === second) return afterImages;
  const [beforeAt, beforeImages] = before;
  const share = (second - beforeAt) / (afterAt - beforeAt);
  return beforeImages + share * (afterImages - beforeImages);
}
