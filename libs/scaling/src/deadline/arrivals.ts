import type { Backlog } from '../observation.ts';

/**
 * How many images had arrived by then, from an unknown beginning: `[second since the epoch, images]`.
 */
export type ArrivalSample = readonly [second: number, images: number];

/**
 * An image that is settled leaves the queue at once and is reported up to a heartbeat of 3 s and its delivery
 * later: meanwhile the sum of the two is too low. The highest of the last samples is what counts, so that
 * arrivals are never negative and never counted twice. A count of SQS that was too high (its attributes are
 * approximate, and not read at one instant) is forgotten after as long.
 */
const REPORTS_LAG_SECONDS = 10;

/** Arrivals went on if there were some both lately and a while ago, for some ticks in a row. */
const LATELY_SECONDS = 10;
const A_WHILE_AGO_SECONDS = { from: 60, to: 30 };
const FOR_SECONDS = [0, 2, 4];

const KEPT_SECONDS = A_WHILE_AGO_SECONDS.from + Math.max(...FOR_SECONDS) + REPORTS_LAG_SECONDS + 2;

/** With this little history a rate would be made of noise. */
const LEAST_SPAN_SECONDS = 5;

/** Takes in what a tick saw; one sample a second is enough. */
export function takeSample(
  samples: readonly ArrivalSample[],
  { visible, inFlight, delayed }: Backlog,
  settled: number,
  now: number,
): ArrivalSample[] {
  const second = Math.floor(now / 1000);
  const images = visible + inFlight + delayed + settled;
  const last = samples.at(-1);
  const sameSecond = last?.[0] === second;
  const before = sameSecond ? samples.slice(0, -1) : samples;
  const sample = [second, sameSecond ? Math.max(last[1], images) : images] as const;
  return [...before.filter(([at]) => at < second && second - at <= KEPT_SECONDS), sample];
}

export interface Arrivals {
  /** Images a second over the last 15 s and 60 s, or over as much of that as was seen. */
  rate15: number;
  rate60: number;
  /** Whether they are likely to go on. */
  sustained: boolean;
}

export function readArrivals(samples: readonly ArrivalSample[]): Arrivals {
  const now = samples.at(-1)?.[0] ?? 0;
  const span = now - (samples[0]?.[0] ?? now);
  const arrivedBy = highestOfLast(samples);
  const rate = (seconds: number) =>
    between(arrivedBy, now - seconds, now) / Math.min(seconds, Math.max(span, LEAST_SPAN_SECONDS));
  return {
    rate15: rate(15),
    rate60: rate(60),
    sustained: FOR_SECONDS.every((ago) => {
      const then = now - ago;
      const { from, to } = A_WHILE_AGO_SECONDS;
      return (
        between(arrivedBy, then - LATELY_SECONDS, then) >= 0.5 &&
        between(arrivedBy, then - from, then - to) >= 0.5
      );
    }),
  };
}

function highestOfLast(samples: readonly ArrivalSample[]): ArrivalSample[] {
  let first = 0;
  return samples.map(([at], index) => {
    while (at - (samples[first]?.[0] ?? at) > REPORTS_LAG_SECONDS) first += 1;
    return [at, Math.max(...samples.slice(first, index + 1).map(([, images]) => images))];
  });
}

function between(arrivedBy: readonly ArrivalSample[], from: number, to: number): number {
  return Math.max(0, arrivedAt(arrivedBy, to) - arrivedAt(arrivedBy, from));
}

/** Between two samples images are taken to have arrived evenly, so that a time without sight makes no burst. */
function arrivedAt(arrivedBy: readonly ArrivalSample[], second: number): number {
  const after = arrivedBy.findIndex(([at]) => at >= second);
  if (after === -1) return arrivedBy.at(-1)?.[1] ?? 0;
  const [afterAt, afterImages] = arrivedBy[after] ?? [second, 0];
  const before = arrivedBy[after - 1];
  if (before === undefined || afterAt === second) return afterImages;
  const [beforeAt, beforeImages] = before;
  const share = (second - beforeAt) / (afterAt - beforeAt);
  return beforeImages + share * (afterImages - beforeImages);
}
