import { retryDelayMs } from './backoff.ts';
import type { Time } from './clock.ts';

/** How long a call is repeated in place before its message is given back instead. */
const PATIENCE_MS = 120_000;

interface RetryOptions {
  time: Pick<Time, 'monotonicMs' | 'sleep'>;
  random: () => number;
  isTransient: (error: unknown) => boolean;
  /** Ends a wait between two calls. */
  signal: AbortSignal;
  /** Whether the answer still matters. */
  worthwhile: () => boolean;
  onRetry: (error: unknown, delayMs: number) => void;
}

/**
 * Makes a call until it works, with backoff between failures that may pass (P5).
 * @throws the call's last error: one that will not pass, or when two minutes are over, or when it is not
 * worthwhile any more
 */
export async function retryInPlace<T>(call: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { time, signal } = options;
  const givesUpAtMs = time.monotonicMs() + PATIENCE_MS;
  const over = () => signal.aborted || !options.worthwhile() || time.monotonicMs() >= givesUpAtMs;
  for (let failures = 1; ; failures++) {
    try {
      return await call();
    } catch (error) {
      if (!options.isTransient(error) || over()) throw error;
      const delayMs = retryDelayMs(failures, options.random());
      options.onRetry(error, delayMs);
      await time.sleep(delayMs, signal);
      if (over()) throw error;
    }
  }
}
