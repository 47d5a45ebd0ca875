import type { Clock } from './clock.ts';
import { CallError, isRepeatable } from './errors.ts';

/** A call failed and is about to be repeated. */
export interface Retry {
  error: CallError;
  /** The pause before the repeat. */
  delayMs: number;
}

export interface RetryOptions {
  /** How long a call may fail before it is given up. */
  giveUpAfterMs: number;
  signal?: AbortSignal | undefined;
  onRetry?: ((retry: Retry) => void) | undefined;
}

const BASE_MS = 250;
const CAP_MS = 15_000;

/**
 * The pause before a repeat: what Retry-After asks for, and on top of it full jitter below a bound that doubles from
 * 250 ms to 15 s, so that many clients do not return at the same moment.
 * @param failures how often the call has failed, at least 1
 * @param random 0 to 1
 */
export const retryDelayMs = (error: CallError, failures: number, random: number): number =>
  (error.retryAfterMs ?? 0) + random * Math.min(CAP_MS, BASE_MS * 2 ** (failures - 1));

/**
 * Repeats a call while a repeat can help.
 * @param call gets the time since the first call
 * @throws the last error, at once if a repeat cannot help or the next one would come after the time to give up
 */
export async function retrying<T>(
  call: (elapsedMs: number) => Promise<T>,
  { giveUpAfterMs, signal, onRetry }: RetryOptions,
  clock: Clock,
): Promise<T> {
  const beganAt = clock.monotonicMs();
  const elapsedMs = () => clock.monotonicMs() - beganAt;
  for (let failures = 1; ; failures++) {
    signal?.throwIfAborted();
    try {
      return await call(elapsedMs());
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof CallError) || !isRepeatable(error)) throw error;
      const delayMs = retryDelayMs(error, failures, clock.random());
      if (elapsedMs() + delayMs > giveUpAfterMs) throw error;
      onRetry?.({ error, delayMs });
      await clock.sleep(delayMs, signal);
    }
  }
}
