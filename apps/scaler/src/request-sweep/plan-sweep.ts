import type { QueueDepth } from '@labelfleet/aws/queue';
import {
  makeRequestId,
  requestIdSchema,
  resultKey,
  type RequestSweep,
} from '@labelfleet/contracts';
import { COMPLETED_AFTER_MS } from '../dead-letters/judge-dead-letter.ts';

export interface SweepTimes {
  /** SQS's counts are approximate, so every check for this long has to find the queue empty. */
  emptyForMs: number;
  /**
   * The message of an image that is older than this was sent: an upload takes 2 min at most, a send takes seconds,
   * and SQS's counts are accurate a minute after the last send.
   */
  lostAfterMs: number;
  /** The same if the queue is never empty, but images of half that age have their results. */
  overtakenAfterMs: number;
  /** Interval between the starts of two passes over the images. */
  passEveryMs: number;
}

export const SWEEP_TIMES: SweepTimes = {
  emptyForMs: 60_000,
  lostAfterMs: 5 * 60_000,
  overtakenAfterMs: 60 * 60_000,
  passEveryMs: 2 * 60_000,
};

/** SQS keeps no message for longer, and the results of older images may have expired, so the sweep ignores them. */
const MESSAGES_KEPT_MS = 14 * 24 * 3_600_000;

export const NOT_SWEPT: RequestSweep = {
  v: 1,
  emptySinceMs: null,
  completedUpTo: '',
  passStartedAtMs: null,
  resentAtMs: null,
  pass: null,
};

/** Keys of images of requests made from this time on sort after this key. */
export const keyAt = (unixMs: number): string => makeRequestId(unixMs, new Uint8Array(10));

export const requestOfKey = (imageKey: string): string | undefined => {
  const parsed = requestIdSchema.safeParse(imageKey.slice(0, imageKey.indexOf('/')));
  return parsed.success ? parsed.data : undefined;
};

/** Updates the sweep with the depth of the request queue. */
export function takeDepth(
  sweep: RequestSweep,
  { visible, inFlight, delayed }: QueueDepth,
  now: number,
): RequestSweep {
  const empty = visible + inFlight + delayed === 0;
  return { ...sweep, emptySinceMs: empty ? (sweep.emptySinceMs ?? now) : null };
}

export function isPassDue({ pass, passStartedAtMs }: RequestSweep, now: number, times: SweepTimes) {
  if (pass !== null) return false;
  // A clock that was set back must not delay the next pass.
  return (
    passStartedAtMs === null || now < passStartedAtMs || now - passStartedAtMs >= times.passEveryMs
  );
}

/** Requests made before this time that have no result have lost their message. */
export function lostUntil(
  { emptySinceMs, resentAtMs }: RequestSweep,
  /** True if images of half the age have their results although the queue is not empty. */
  overtaken: boolean,
  now: number,
  times: SweepTimes,
): number {
  if (emptySinceMs !== null && now - emptySinceMs >= times.emptyForMs)
    return now - times.lostAfterMs;
  // Messages that were sent again need the same time before they count as overtaken.
  const sentLately = resentAtMs !== null && now - resentAtMs < times.overtakenAfterMs;
  return now - (overtaken && !sentLately ? times.overtakenAfterMs : COMPLETED_AFTER_MS);
}

export function beginPass(sweep: RequestSweep, untilMs: number, now: number): RequestSweep {
  const oldest = keyAt(now - MESSAGES_KEPT_MS);
  const after = sweep.completedUpTo > oldest ? sweep.completedUpTo : oldest;
  return { ...sweep, passStartedAtMs: now, pass: { untilMs, after, foundIncomplete: false } };
}

export interface Page {
  /** Keys of images without a result. */
  open: string[];
  /** The last key that the page covers. */
  after: string;
  /** True if this is the last page of the pass. */
  last: boolean;
}

/**
 * Merges two listings: the keys of both buckets begin with the request id, so they are in the same order.
 * @param images keys of the input bucket
 * @param results keys of the output bucket after the id of the first of those requests
 * @param until key at which the pass ends, exclusive
 * @param most `listed`: keys in a full listing; `open`: the most images without a result in one page
 */
export function readPage(
  images: readonly string[],
  results: readonly string[],
  { after, until, most }: { after: string; until: string; most: { listed: number; open: number } },
): Page {
  const before = images.filter((key) => key < until);
  const end = results.length < most.listed ? undefined : results.at(-1);
  const completed = new Set(results);
  const open: string[] = [];
  let read = after;
  for (const key of before) {
    const requestId = requestOfKey(key);
    if (requestId !== undefined) {
      const result = resultKey(requestId);
      const full = open.length === most.open && !completed.has(result);
      if (full || (end !== undefined && result > end)) return { open, after: read, last: false };
      if (!completed.has(result)) open.push(key);
    }
    read = key;
  }
  const last = before.length < images.length || images.length < most.listed;
  return { open, after: read, last };
}

/**
 * Updates the sweep with the outcome of a page.
 * @param sent number of messages sent again
 * @param stillOpen true if some of its images still have no result
 */
export function takePage(
  sweep: RequestSweep,
  page: Pick<Page, 'after' | 'last'>,
  { sent, stillOpen }: { sent: number; stillOpen: boolean },
  now: number,
): RequestSweep {
  const { pass } = sweep;
  if (pass === null) return sweep;
  const foundIncomplete = pass.foundIncomplete || stillOpen;
  return {
    ...sweep,
    // The queue is not empty after a send, even if the next count says so.
    ...(sent > 0 && { emptySinceMs: null, resentAtMs: now }),
    completedUpTo: foundIncomplete ? sweep.completedUpTo : page.after,
    pass: page.last ? null : { ...pass, after: page.after, foundIncomplete },
  };
}
