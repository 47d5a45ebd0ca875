import type { Clock } from './clock.ts';

/**
 * Runs work under a signal that is aborted with the given error when it takes too long, and with the outer
 * signal's reason when that is aborted.
 */
export async function withTimeLimit<T>(
  limit: { clock: Pick<Clock, 'sleep'>; ms: number; error: () => Error; signal: AbortSignal },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const finished = new AbortController();
  const tooLong = new AbortController();
  void limit.clock.sleep(limit.ms, finished.signal).then(() => {
    if (!finished.signal.aborted) tooLong.abort(limit.error());
  });
  try {
    return await work(AbortSignal.any([limit.signal, tooLong.signal]));
  } finally {
    finished.abort();
  }
}
