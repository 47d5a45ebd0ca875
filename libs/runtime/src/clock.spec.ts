import { expect, test, vi } from 'vitest';
import { sleep, systemClock } from './clock.ts';

test('a sleep ends after its time', async () => {
  const startMs = systemClock.monotonicMs();
  await sleep(20);
  // A timer of Node may fire up to 1 ms early.
  expect(systemClock.monotonicMs() - startMs).toBeGreaterThanOrEqual(19);
});

test.each(['before', 'after'] as const)(
  'a sleep ends at once when its signal is aborted %s it began',
  async (when) => {
    vi.useFakeTimers();
    const end = new AbortController();
    if (when === 'before') end.abort();
    const sleeping = sleep(60_000, end.signal);
    end.abort();
    await sleeping;
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  },
);
