/** When a call may be made again after trouble. */
export interface Backoff {
  /** Troubles in a row. */
  failures: number;
  notBeforeMs: number;
}

export const NO_BACKOFF: Backoff = { failures: 0, notBeforeMs: 0 };

const LEAST_MS = 1000;
const MOST_MS = 60_000;
const FAILURES_TO_DOUBLE = 5;

/**
 * Full jitter: anywhere between 1 s and a bound that doubles with every fifth failure in a row, up to 60 s. The
 * first failures are so followed by the next tick's try: every image waits for it, and a call a tick is a quarter
 * of what EC2 refills (RunInstances: two tokens a second; EC2 API reference, "Request throttling").
 * @param random 0 to 1
 */
export function backOff(backoff: Backoff, now: number, random: number): Backoff {
  const failures = backoff.failures + 1;
  const bound = Math.min(MOST_MS, LEAST_MS * 2 ** (failures / FAILURES_TO_DOUBLE));
  return { failures, notBeforeMs: now + LEAST_MS + random * (bound - LEAST_MS) };
}
