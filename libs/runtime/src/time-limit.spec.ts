import { expect, test } from 'vitest';
import { sleep } from './clock.ts';
import { withTimeLimit } from './time-limit.ts';

const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error)),
  );
const limit = (ms: number, signal: AbortSignal) => ({
  clock: { sleep },
  ms,
  error: () => new Error('too slow'),
  signal,
});

test('work within its limit resolves with its value', async () => {
  const { signal } = new AbortController();
  expect(await withTimeLimit(limit(60_000, signal), () => Promise.resolve(7))).toBe(7);
});

test('work over its limit is aborted with the given error', async () => {
  const { signal } = new AbortController();
  await expect(withTimeLimit(limit(1, signal), untilAborted)).rejects.toThrow('too slow');
});

test('work whose outer signal is aborted ends with the reason of that signal', async () => {
  const outer = new AbortController();
  const ended = withTimeLimit(limit(60_000, outer.signal), untilAborted);
  outer.abort(new Error('draining'));
  await expect(ended).rejects.toThrow('draining');
});
