import { afterEach, expect, test, vi } from 'vitest';
import { Store } from '../state/store.ts';
import type { Outcome } from './api.ts';
import { Engine } from './engine.ts';

afterEach(() => void vi.useRealTimers());

test('gathers at once when the connection is back, and not before Retry-After otherwise', async () => {
  vi.useFakeTimers();
  const store = new Store();
  const accepted = { id: 'a', key: 'k', name: 'a.jpg', size: 1, hasFile: false, requestId: 'r' };
  store.dispatch({ kind: 'restored', rows: [accepted], batchIds: [] });
  const unanswered: Outcome<never> = {
    kind: 'unanswered',
    trouble: 'no answer',
    retryAfterMs: 60_000,
  };
  const gather = vi.fn(() => Promise.resolve(unanswered));
  const api = {
    gather,
    upload: () => Promise.resolve(unanswered),
    batch: () => Promise.resolve(unanswered),
    follow: () => expect.unreachable('no batch is known'),
  };
  const engine = new Engine({ api, store, files: { get: () => undefined } });
  engine.start();
  await vi.advanceTimersByTimeAsync(59_000);
  expect(gather.mock.calls).toEqual([[['r']]]);
  engine.hurry();
  await vi.advanceTimersByTimeAsync(0);
  expect(gather).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(61_000);
  expect(gather).toHaveBeenCalledTimes(3);
});
