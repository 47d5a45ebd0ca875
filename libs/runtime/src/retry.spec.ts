import { expect, test } from 'vitest';
import { retryInPlace } from './retry.ts';

class Transient extends Error {}

/** Fails with each of these errors in turn, then succeeds; a sleep moves the clock and takes no time. */
function run(errors: Error[], options: { patienceMs?: number; worthwhile?: () => boolean } = {}) {
  let nowMs = 0;
  const delays: number[] = [];
  const outcome = retryInPlace(
    () => {
      const error = errors.shift();
      return error === undefined ? Promise.resolve('done') : Promise.reject(error);
    },
    {
      clock: {
        monotonicMs: () => nowMs,
        sleep: (ms) => {
          nowMs += ms;
          return Promise.resolve();
        },
      },
      random: () => 1,
      isTransient: (error) => error instanceof Transient,
      patienceMs: 1_000,
      signal: new AbortController().signal,
      worthwhile: () => true,
      onRetry: (_, delayMs) => delays.push(delayMs),
      ...options,
    },
  );
  return { outcome, delays };
}
const transient = (count: number) => Array.from({ length: count }, () => new Transient('busy'));

test('repeats a call with growing delays until it succeeds', async () => {
  const { outcome, delays } = run(transient(2));
  expect(await outcome).toBe('done');
  expect(delays).toEqual([200, 400]);
});

test('throws a permanent error at once', async () => {
  const { outcome, delays } = run([new Error('forbidden')]);
  await expect(outcome).rejects.toThrow('forbidden');
  expect(delays).toEqual([]);
});

test('throws the last error when its patience is over', async () => {
  const { outcome, delays } = run(transient(20));
  await expect(outcome).rejects.toThrow('busy');
  // 200 + 400 + 800 ms are more than one second.
  expect(delays).toEqual([200, 400, 800]);
});

test('throws the last error once the call is no longer worthwhile', async () => {
  const { outcome } = run(transient(20), { worthwhile: () => false });
  await expect(outcome).rejects.toThrow('busy');
});
