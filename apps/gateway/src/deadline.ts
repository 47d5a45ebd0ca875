import type { FleetSnapshot } from '@labelfleet/contracts';

/** A day. Requests are kept longer (P9), but no caller waits so long. */
const LONGEST_SECONDS = 86_400;
/** A scaler publishes at least every 10 s: what is older says nothing of now. */
const STALE_MS = 60_000;

export const DEADLINE_RANGE = `X-Deadline-Seconds must be a whole number from 1 to ${LONGEST_SECONDS}.`;

/**
 * The deadline of an `X-Deadline-Seconds` header.
 * @param receivedAt Unix milliseconds: what the seconds count from
 * @returns undefined where there is no header
 */
export function parseDeadline(
  header: string | undefined,
  receivedAt: number,
): Date | 'out-of-range' | undefined {
  if (header === undefined) return undefined;
  const seconds = /^\d{1,5}$/.test(header) ? Number(header) : 0;
  return seconds >= 1 && seconds <= LONGEST_SECONDS
    ? new Date(receivedAt + seconds * 1000)
    : 'out-of-range';
}

/**
 * By how many seconds an image that arrives now is likely to miss its deadline; 0 where it is not, or where
 * the fleet says nothing of its waits: what is not known is no reason to refuse.
 * @param now Unix milliseconds
 */
export function missesBySeconds(
  deadline: Date,
  snapshot: FleetSnapshot | undefined,
  now: number,
): number {
  const waitSeconds = snapshot?.estimatedWaitSeconds ?? null;
  if (snapshot === undefined || waitSeconds === null) return 0;
  if (now - Date.parse(snapshot.at) > STALE_MS) return 0;
  return Math.max(0, (now + waitSeconds * 1000 - deadline.getTime()) / 1000);
}
