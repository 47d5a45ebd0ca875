import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PendingReplies, REPLY_EXPECTED_ELSEWHERE } from './pending-replies.ts';
import { someRequestId, succeeded } from '../testing/results.ts';

const connected = new AbortController().signal;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pendingReplies = () => new PendingReplies(() => performance.now());

describe('a wait ends', () => {
  test('with the result, for every waiter', async () => {
    const pending = pendingReplies();
    const result = succeeded();
    const waits = [1, 2].map(() => pending.register(result.id).wait(1_000, connected));
    expect(pending.complete(result)).toBe(true);
    expect(await Promise.all(waits)).toEqual([
      { kind: 'completed', result },
      { kind: 'completed', result },
    ]);
  });

  test('at once if the result came before the wait began', async () => {
    const pending = pendingReplies();
    const result = succeeded();
    const waiter = pending.register(result.id);
    pending.complete(result);
    expect(await waiter.wait(0, connected)).toEqual({ kind: 'completed', result });
  });

  test('at once if the caller does not wait, although the result comes right after', async () => {
    const pending = pendingReplies();
    const result = succeeded();
    const wait = pending.register(result.id).wait(0, connected);
    pending.complete(result);
    expect(await wait).toEqual({ kind: 'timed-out' });
  });

  test('when it times out', async () => {
    const wait = pendingReplies().register(someRequestId()).wait(1_000, connected);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await wait).toEqual({ kind: 'timed-out' });
  });

  test('when the client disconnects before or during it', async () => {
    const pending = pendingReplies();
    const connection = new AbortController();
    const wait = pending.register(someRequestId()).wait(1_000, connection.signal);
    connection.abort();
    expect(await wait).toEqual({ kind: 'disconnected' });
    expect(await pending.register(someRequestId()).wait(1_000, connection.signal)).toEqual({
      kind: 'disconnected',
    });
  });

  test('when the gateway stops before or during it', async () => {
    const pending = pendingReplies();
    const wait = pending.register(someRequestId()).wait(1_000, connected);
    pending.stop();
    expect(await wait).toEqual({ kind: 'stopping' });
    expect(await pending.register(someRequestId()).wait(1_000, connected)).toEqual({
      kind: 'stopping',
    });
  });
});

test('a disposed waiter and an ended wait leave no entry and no timer behind', async () => {
  const pending = pendingReplies();
  const id = someRequestId();
  {
    using waiter = pending.register(id);
    const wait = waiter.wait(1_000, connected);
    expect(pending.size).toBe(1);
    pending.complete(succeeded({ id }));
    await wait;
  }
  pending.register(id)[Symbol.dispose]();
  expect(pending.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
  expect(pending.complete(succeeded({ id }))).toBe(false);
});

test('disposing one waiter keeps the other', () => {
  const pending = pendingReplies();
  const id = someRequestId();
  const first = pending.register(id);
  pending.register(id);
  first[Symbol.dispose]();
  expect(pending.size).toBe(1);
  expect(pending.complete(succeeded({ id }))).toBe(true);
});

test.each([
  ['5 s, and then every 15 s', [undefined], [5, 20, 35]],
  [
    '1 s, 2 s, and then ever less often, if another gateway may get the reply',
    [REPLY_EXPECTED_ELSEWHERE],
    [1, 3, 6, 10, 14, 19, 26, 34, 44, 54],
  ],
  ['the shortest interval of all waiters', [undefined, REPLY_EXPECTED_ELSEWHERE], [1, 3, 6]],
])('a check of the store is due after %s', (_, checks, seconds) => {
  const pending = pendingReplies();
  const id = someRequestId();
  for (const each of checks) pending.register(id, each);
  const dueAtSeconds = [];
  for (let second = 0; dueAtSeconds.length < seconds.length; second += 1) {
    if (pending.takeOverdue().length > 0) dueAtSeconds.push(second);
    vi.advanceTimersByTime(1_000);
  }
  expect(dueAtSeconds).toEqual(seconds);
});

test('a result that was found in the store makes the checks of others frequent again', () => {
  const pending = pendingReplies();
  pending.register(someRequestId(), REPLY_EXPECTED_ELSEWHERE);
  for (let second = 0; second < 60; second += 1) {
    pending.takeOverdue();
    vi.advanceTimersByTime(1_000);
  }
  pending.takeOverdue();
  pending.checkSoon();
  vi.advanceTimersByTime(2_000);
  expect(pending.takeOverdue()).toHaveLength(1);
  vi.advanceTimersByTime(3_000);
  expect(pending.takeOverdue()).toHaveLength(1);
});
