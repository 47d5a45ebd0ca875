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
  const { signal: outer } = limit;
  const finished = new AbortController();
  // Not AbortSignal.any, whose weak references to a signal that lives long keep the garbage collector busy.
  const over = new AbortController();
  const onOuter = () => over.abort(outer.reason);
  if (outer.aborted) onOuter();
  else outer.addEventListener('abort', onOuter, { once: true });
  void limit.clock.sleep(limit.ms, finished.signal).then(() => {
    if (!finished.signal.aborted) over.abort(limit.error());
  });
  try {
    return await work(over.signal);
  } finally {
    outer.removeEventListener('abort', onOuter);
    finished.abort(FINISHED);
  }
}
