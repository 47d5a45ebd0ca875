import type { Clock } from './clock.ts';

/** The default reason, a DOMException with its stack, would be made for each image. */
const FINISHED = new Error('The work has ended.');

/**
 * Runs work with a signal. The signal is aborted with the given error when the work takes longer than its
 * limit, and with the reason of the outer signal when that is aborted.
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
    finished.abort(FINISHED);
  }
}
