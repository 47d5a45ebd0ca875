import { describe, expect, test } from 'vitest';
import { seededRandom } from '@labelfleet/testkit/random';
import { Activity } from '../receive/activity.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { requestPause } from './request-pause.ts';

const never = new AbortController().signal;

/**
 * A worker that gets a request at regular times and works on each for a while.
 * @returns after how many milliseconds a chunk may begin, at most a minute
 */
async function pauseAfter(everyMs: number, busyMs: number, seed = 1): Promise<number> {
  const clock = new FakeClock();
  const activity = new Activity(clock, 3);
  const end = new AbortController();
  const requests = async () => {
    while (!end.signal.aborted) {
      const request = activity.requestBegun();
      void clock.sleep(busyMs, end.signal).then(() => request.ended('completed'));
      await clock.sleep(everyMs, end.signal);
    }
  };
  void requests();
  let atMs: number | undefined;
  const random = seededRandom(seed);
  const deps = { activity, clock, random: () => random.next() };
  const pause = requestPause(deps, end.signal);
  void pause.then(() => (atMs ??= clock.monotonicMs()));
  for (let ms = 0; ms < 60_000 && atMs === undefined; ms += 50) await clock.advance(50);
  end.abort();
  return atMs ?? Infinity;
}

describe('a chunk begins', () => {
  test('at once on a worker whose request queue has given nothing for a while', async () => {
    const clock = new FakeClock();
    const activity = new Activity(clock, 3);
    await clock.advance(5_000);
    await requestPause({ activity, clock, random: Math.random }, never);
    expect(clock.monotonicMs()).toBe(5_000);
  });

  test('100 ms after the last request', async () => {
    const clock = new FakeClock();
    const activity = new Activity(clock, 3);
    const request = activity.requestBegun();
    let begun = false;
    void requestPause({ activity, clock, random: () => 0.5 }, never).then(() => (begun = true));
    await clock.advance(130);
    request.ended('completed');
    await clock.advance(99);
    expect(begun).toBe(false);
    await clock.advance(101);
    expect(begun).toBe(true);
  });

  test.each([
    // Requests a second, and how long each is open.
    { everyMs: 1_000, busyMs: 20, withinMs: 200 },
    { everyMs: 200, busyMs: 20, withinMs: 200 },
    { everyMs: 100, busyMs: 50, withinMs: 2_000 },
    { everyMs: 50, busyMs: 40, withinMs: 3_000 },
    { everyMs: 20, busyMs: 19, withinMs: 10_000 },
  ])(
    'within $withinMs ms while a request of $busyMs ms comes every $everyMs ms',
    async ({ everyMs, busyMs, withinMs }) => {
      for (const seed of [1, 2, 3])
        expect(await pauseAfter(everyMs, busyMs, seed)).toBeLessThanOrEqual(withinMs);
    },
  );

  test('not while requests keep the worker busy all the time', async () => {
    expect(await pauseAfter(20, 25)).toBe(Infinity);
  });
});

test('a drain ends the wait', async () => {
  const clock = new FakeClock();
  const activity = new Activity(clock, 3);
  activity.requestBegun();
  const drain = new AbortController();
  const pause = requestPause({ activity, clock, random: Math.random }, drain.signal);
  drain.abort();
  await pause;
});
