import type { QueueEstimate } from '../estimate/queue-estimate.ts';

/** Used when nobody can say how long the wait is. */
const DEFAULT_SECONDS = 5;

/** The value of a Retry-After header: the seconds until a queued request is likely to complete. */
export function retryAfter(estimate: QueueEstimate | undefined): string {
  if (estimate === undefined) return String(DEFAULT_SECONDS);
  const { lowSeconds, highSeconds } = estimate.estimatedWait;
  const middle =
    highSeconds === null ? Math.max(lowSeconds, DEFAULT_SECONDS) : (lowSeconds + highSeconds) / 2;
  return String(Math.max(1, Math.ceil(middle)));
}
