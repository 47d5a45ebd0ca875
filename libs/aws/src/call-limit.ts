import { AwsCallError, callAws } from './errors.ts';

/**
 * Runs one call, including its retries, for at most `limitMs`. A call that reaches the limit may still take
 * effect.
 * @param limitMs undefined: only the SDK's own time-outs apply
 * @param call gets a signal that aborts at the limit or when `outer` aborts
 * @throws AwsCallError with code `TimeoutError` at the limit
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
