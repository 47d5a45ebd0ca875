/** When a call may be made again after failures. */
export interface Backoff {
  /** Failures in a row. */
  failures: number;
  notBeforeMs: number;
}

export const NO_BACKOFF: Backoff = { failures: 0, notBeforeMs: 0 };

const LEAST_MS = 1000;
const MOST_MS = 60_000;

/**
 * Full jitter between 1 s and a bound that doubles with every `failuresToDouble` failures in a row, up to 60 s.
 * @param random 0 to 1
 */
export function backOff(
  backoff: Backoff,
  now: number,
  random: number,
  failuresToDouble = 1,
): Backoff {
  const failures = backoff.failures + 1;
  const bound = Math.min(MOST_MS, LEAST_MS * 2 ** (failures / failuresToDouble));
  return { failures, notBeforeMs: now + LEAST_MS + random * (bound - LEAST_MS) };
}
