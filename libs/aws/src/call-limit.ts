import { AwsCallError, callAws } from './errors.ts';

/**
 * Runs one call, its retries included, for so long at most. A call that is cut may still take effect.
 * @param limitMs undefined: as long as the SDK's own time-outs let it
 * @param call given a signal, aborted when the time is over or the outer one is
 * @throws AwsCallError, `TimeoutError` when the time is over
 */
export async function callWithin<T>(
  operation: string,
  limitMs: number | undefined,
  call: (signal: AbortSignal | undefined) => Promise<T>,
  outer?: AbortSignal,
): Promise<T> {
  if (limitMs === undefined) return callAws(operation, () => call(outer));
  const cut = new AbortController();
  const over = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const message = `no answer within ${limitMs} ms`;
    const error = new AwsCallError(operation, { code: 'TimeoutError', message });
    over.reject(error);
    cut.abort(error);
  }, limitMs);
  const signal = outer === undefined ? cut.signal : AbortSignal.any([outer, cut.signal]);
  try {
    return await Promise.race([callAws(operation, () => call(signal)), over.promise]);
  } finally {
    clearTimeout(timer);
  }
}
