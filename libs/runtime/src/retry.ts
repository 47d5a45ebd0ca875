import { retryDelayMs } from './backoff.ts';
import type { Clock } from './clock.ts';

interface RetryOptions {
  clock: Pick<Clock, 'monotonicMs' | 'sleep'>;
  /** 0 to 1. */
  random: () => number;
  /** True for a failure that may pass. */
  isTransient: (error: unknown) => boolean;
  /** No call begins later than this after the first one. */
  patienceMs: number;
  /** Ends a wait between two calls. */
  signal: AbortSignal;
  /** False once the outcome of the call no longer matters. */
  worthwhile: () => boolean;
  onRetry: (error: unknown, delayMs: number) => void;
}

/**
 * Makes a call until it succeeds, with backoff after each failure that may pass.
 * @throws the call's last error, when it is permanent, the patience is over, the signal is aborted or the
 * call is no longer worthwhile
 */
export async function retryInPlace<T>(call: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, signal } = options;
  const givesUpAtMs = clock.monotonicMs() + options.patienceMs;
  const over = () => signal.aborted || !options.worthwhile() || clock.monotonicMs() >= givesUpAtMs;
  for (let failures = 1; ; failures++) {
    try {
      return await call();
    } catch (error) {
      if (!options.isTransient(error) || over()) throw error;
      const delayMs = retryDelayMs(failures, options.random());
      options.onRetry(error, delayMs);
      await clock.sleep(delayMs, signal);
      if (over()) throw error;
    }
  }
}
