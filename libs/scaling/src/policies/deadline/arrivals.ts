import type { Backlog } from '../../observation.ts';

/**
 * How many images had arrived by then, from an unknown beginning, how many of them the queue held, and how many
 * the workers had completed by their reports.
 */
export type ArrivalSample = readonly [
  second: number,
  arrived: number,
  queued: number,
  completed: number,
];

/**
 * What has arrived is what the queue holds and what was completed, but neither number is of now. SQS's counts are
 * a second old and more: images that were reported as completed since would be counted twice, so a report counts
 * from the next look on. And an image that is completed leaves the queue at once and is reported up to a heartbeat
 * of 3 s and its delivery later: while a backlog is worked off, the sum is too low all the time. What has arrived
 * is therefore never taken back, however long that lasts, until the queue has been empty for so long that every
 * report must be in. That also forgets a count of SQS that was too high (its attributes are approximate) and
 * images that have left without a report: each hides as many arrivals, once.
 */
const REPORTS_LAG_SECONDS = 10;
const COUNTS_LAG_SECONDS = 2;

/** Arrivals went on if there were some both lately and a while ago, for some ticks in a row. */
const LATELY_SECONDS = 10;
const A_WHILE_AGO_SECONDS = { from: 60, to: 30 };
const FOR_SECONDS = [0, 2, 4];

/**
 * Or, before that can be said, if there were some in each of the last three slices or more. What comes between two
 * looks falls into two of them at most, so a single burst is not taken for the beginning of more.
 */
const SLICE_SECONDS = 6;
const LEAST_SLICES = 3;

const KEPT_SECONDS = A_WHILE_AGO_SECONDS.from + Math.max(...FOR_SECONDS) + 2;

/** With this little history a rate would be made of noise. */
const LEAST_SPAN_SECONDS = 5;

/** Takes in what a tick saw; one sample a second is enough. */
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
  const settledBefore =
    before.findLast(([at]) => second - at >= COUNTS_LAG_SECONDS)?.[3] ?? completed;
  const arrived = isAtRest(before, held, second)
    ? completed
    : Math.max(queued + settledBefore, last?.[1] ?? 0);
  return [...before, [second, arrived, held, completed]];
}

/** Whether the queue has been empty for long enough. */
function isAtRest(before: readonly ArrivalSample[], queued: number, second: number): boolean {
  const lately = before.filter(([at]) => second - at <= REPORTS_LAG_SECONDS);
  return queued === 0 && lately.length < before.length && lately.every(([, , held]) => held === 0);
}

export interface Arrivals {
  /** Images a second over the last 15 s and 60 s, or over as much of that as was seen. */
  rate15: number;
  rate60: number;
  /** Whether they have gone on for so long that there is no telling when they end. */
  sustained: boolean;
  /** For how long they are expected to go on, in seconds, and how many come a second. */
  ahead: { seconds: number; rate: number };
}

export function readArrivals(samples: readonly ArrivalSample[]): Arrivals {
  const now = samples.at(-1)?.[0] ?? 0;
  const span = now - (samples[0]?.[0] ?? now);
  const rate = (seconds: number) =>
    between(samples, now - seconds, now) / Math.min(seconds, Math.max(span, LEAST_SPAN_SECONDS));
  const rate60 = rate(60);
  const sustained = FOR_SECONDS.every((ago) => wentOn(samples, now - ago));
  return {
    rate15: rate(15),
    rate60,
    sustained,
    ahead: sustained ? { seconds: Infinity, rate: rate60 } : aheadOf(samples, now),
  };
}

function wentOn(samples: readonly ArrivalSample[], then: number): boolean {
  const { from, to } = A_WHILE_AGO_SECONDS;
  return (
    someBetween(samples, then - LATELY_SECONDS, then) &&
    someBetween(samples, then - from, then - to)
  );
}

/**
 * What has gone on for some time is expected to go on for as long again: the median for whoever comes upon it at
 * a random moment (Gott 1993, "Implications of the Copernican principle for our future prospects", Nature 363).
 */
function aheadOf(samples: readonly ArrivalSample[], now: number): Arrivals['ahead'] {
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

/** Between two samples images are taken to have arrived evenly, so that a time without sight makes no burst. */
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
