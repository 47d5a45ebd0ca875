import type { QueueDepth } from '@labelfleet/aws/queue';
import {
  makeRequestId,
  requestIdSchema,
  resultKey,
  type RequestSweep,
} from '@labelfleet/contracts';
import { COMPLETED_AFTER_MS } from '../dead-letters/judge-dead-letter.ts';

export interface SweepTimes {
  /** SQS's counts are approximate: for so long every look has to find the queue empty. */
  emptyForMs: number;
  /**
   * An image that is older has its message on the queue, or had: an upload takes 2 min at most, a send seconds,
   * and SQS's counts are right a minute after the last send.
   */
  lostAfterMs: number;
  /** The same where the queue is never empty, but images of half that age have their results. */
  overtakenAfterMs: number;
  /** From the beginning of a pass over the images to that of the next. */
  passEveryMs: number;
}

export const SWEEP_TIMES: SweepTimes = {
  emptyForMs: 60_000,
  lostAfterMs: 5 * 60_000,
  overtakenAfterMs: 60 * 60_000,
  passEveryMs: 2 * 60_000,
};

/** No message is kept for longer, so images of before are no concern of the sweep: their results may be gone. */
const MESSAGES_KEPT_MS = 14 * 24 * 3_600_000;

export const NOT_SWEPT: RequestSweep = {
  v: 1,
  emptySinceMs: null,
  settledUpTo: '',
  passBeganMs: null,
  sentAgainMs: null,
  pass: null,
};

/** The images of requests made from this time on have keys behind this one. */
export const keyAt = (unixMs: number): string => makeRequestId(unixMs, new Uint8Array(10));

export const requestOfKey = (imageKey: string): string | undefined => {
  const parsed = requestIdSchema.safeParse(imageKey.slice(0, imageKey.indexOf('/')));
  return parsed.success ? parsed.data : undefined;
};

/** Takes in a look at the request queue. */
export function takeDepth(
  sweep: RequestSweep,
  { visible, inFlight, delayed }: QueueDepth,
  now: number,
): RequestSweep {
  const empty = visible + inFlight + delayed === 0;
  return { ...sweep, emptySinceMs: empty ? (sweep.emptySinceMs ?? now) : null };
}

export function isPassDue({ pass, passBeganMs }: RequestSweep, now: number, times: SweepTimes) {
  if (pass !== null) return false;
  // A clock that was set back must not put the next pass off.
  return passBeganMs === null || now < passBeganMs || now - passBeganMs >= times.passEveryMs;
}

/** Until when requests must have been made to have no message any more, if they have no result. */
export function lostUntil(
  { emptySinceMs, sentAgainMs }: RequestSweep,
  /** Whether images of half the age have their results although the queue is not empty. */
  overtaken: boolean,
  now: number,
  times: SweepTimes,
): number {
  if (emptySinceMs !== null && now - emptySinceMs >= times.emptyForMs)
    return now - times.lostAfterMs;
  // What was sent again is overtaken, too, only when that is as long ago.
  const sentLately = sentAgainMs !== null && now - sentAgainMs < times.overtakenAfterMs;
  return now - (overtaken && !sentLately ? times.overtakenAfterMs : COMPLETED_AFTER_MS);
}

export function beginPass(sweep: RequestSweep, untilMs: number, now: number): RequestSweep {
  const oldest = keyAt(now - MESSAGES_KEPT_MS);
  const after = sweep.settledUpTo > oldest ? sweep.settledUpTo : oldest;
  return { ...sweep, passBeganMs: now, pass: { untilMs, after, foundOpen: false } };
}

export interface Page {
  /** Keys of images without a result. */
  open: string[];
  /** Key up to which the page has come. */
  after: string;
  /** Nothing of the pass is left behind that. */
  last: boolean;
}

/**
 * Reads two listings as one: both buckets' keys begin with the request id, and so are in the same order.
 * @param images keys of the input bucket
 * @param results keys of the output bucket behind the id of the first of those requests
 * @param until key that the pass ends before
 * @param most `listed`: keys in a full listing; `open`: how many may be found open at once
 */
export function readPage(
  images: readonly string[],
  results: readonly string[],
  { after, until, most }: { after: string; until: string; most: { listed: number; open: number } },
): Page {
  const before = images.filter((key) => key < until);
  const end = results.length < most.listed ? undefined : results.at(-1);
  const settled = new Set(results);
  const open: string[] = [];
  let read = after;
  for (const key of before) {
    const requestId = requestOfKey(key);
    if (requestId !== undefined) {
      const result = resultKey(requestId);
      const full = open.length === most.open && !settled.has(result);
      if (full || (end !== undefined && result > end)) return { open, after: read, last: false };
      if (!settled.has(result)) open.push(key);
    }
    read = key;
  }
  const last = before.length < images.length || images.length < most.listed;
  return { open, after: read, last };
}

/**
 * Takes in what became of a page.
 * @param sent how many messages were sent again
 * @param stillOpen whether some of its images have no result yet
 */
export function takePage(
  sweep: RequestSweep,
  page: Pick<Page, 'after' | 'last'>,
  { sent, stillOpen }: { sent: number; stillOpen: boolean },
  now: number,
): RequestSweep {
  const { pass } = sweep;
  if (pass === null) return sweep;
  const foundOpen = pass.foundOpen || stillOpen;
  return {
    ...sweep,
    // What was sent is on the queue now, whatever the next look says.
    ...(sent > 0 && { emptySinceMs: null, sentAgainMs: now }),
    settledUpTo: foundOpen ? sweep.settledUpTo : page.after,
    pass: page.last ? null : { ...pass, after: page.after, foundOpen },
  };
}
