import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createBatcher } from './batcher.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Call {
  entries: string[];
  answer: (outcomes?: PromiseSettledResult<string>[]) => Promise<void>;
  fail: (error: Error) => Promise<void>;
}

/** A batcher of entries `key:name` and the calls it has made; the test answers each. */
function recorded(
  overrides: { maxCalls?: number; maxBytes?: number; lingerMs?: () => number } = {},
) {
  const calls: Call[] = [];
  const send = createBatcher<string, string>({
    maxEntries: 3,
    maxBytes: 100,
    maxCalls: 2,
    maxWaitMs: 50,
    bytesOf: (entry) => entry.length,
    orderKeyOf: (entry) => (entry.includes(':') ? entry.split(':')[0] : undefined),
    ...overrides,
    sendBatch: (entries) => {
      const { promise, resolve, reject } = Promise.withResolvers<PromiseSettledResult<string>[]>();
      calls.push({
        entries,
        answer: (outcomes) => {
          resolve(outcomes ?? entries.map((entry) => ({ status: 'fulfilled', value: entry })));
          return turn();
        },
        fail: (error) => {
          reject(error);
          return turn();
        },
      });
      return promise;
    },
  });
  return { send, calls, sent: () => calls.map(({ entries }) => entries.join(' ')) };
}

/** Runs everything that needs no timer. */
const turn = () => vi.advanceTimersByTimeAsync(0).then(() => undefined);

describe('a batcher', () => {
  test('sends the entries of one turn at once when no call is in flight', async () => {
    const { send, sent } = recorded();
    void send('a');
    void send('b');
    await turn();
    expect(sent()).toEqual(['a b']);
  });

  test('collects entries while a call is in flight and sends them when it returns', async () => {
    const { send, sent, calls } = recorded();
    void send('a');
    await turn();
    void send('b');
    await turn();
    void send('c');
    await turn();
    expect(sent()).toEqual(['a']);
    await calls[0]?.answer();
    expect(sent()).toEqual(['a', 'b c']);
  });

  test('sends a full batch although a call is in flight', async () => {
    const { send, sent } = recorded();
    void send('a');
    await turn();
    for (const entry of ['b', 'c', 'd', 'e']) void send(entry);
    await turn();
    expect(sent()).toEqual(['a', 'b c d']);
  });

  test('sends a partial batch after maxWaitMs although a call is in flight', async () => {
    const { send, sent } = recorded();
    void send('a');
    await turn();
    void send('b');
    await vi.advanceTimersByTimeAsync(49);
    expect(sent()).toEqual(['a']);
    await vi.advanceTimersByTimeAsync(1);
    expect(sent()).toEqual(['a', 'b']);
  });

  test('does not restart maxWaitMs when more entries arrive', async () => {
    const { send, sent } = recorded();
    void send('a');
    await turn();
    void send('b');
    await vi.advanceTimersByTimeAsync(40);
    void send('c');
    await vi.advanceTimersByTimeAsync(10);
    expect(sent()).toEqual(['a', 'b c']);
  });

  test('never has more than maxCalls in flight', async () => {
    const { send, sent, calls } = recorded({ maxCalls: 2 });
    for (const entry of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']) void send(entry);
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent()).toEqual(['a b c', 'd e f']);
    await calls[1]?.answer();
    expect(sent()).toEqual(['a b c', 'd e f', 'g h i']);
    await calls[0]?.answer();
    expect(sent()).toEqual(['a b c', 'd e f', 'g h i', 'j']);
  });

  test('splits entries that are too large for one batch', async () => {
    const { send, sent } = recorded({ maxBytes: 4 });
    void send('aaa');
    void send('bb');
    await turn();
    // The first batch is full. The second waits for its return or for more entries.
    expect(sent()).toEqual(['aaa']);
    await vi.advanceTimersByTimeAsync(50);
    expect(sent()).toEqual(['aaa', 'bb']);
  });
});

describe('entries with the same key', () => {
  test('are sent one at a time, in order', async () => {
    const { send, sent, calls } = recorded();
    void send('k:extend');
    void send('k:retry');
    void send('l:extend');
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent()).toEqual(['k:extend l:extend']);
    await calls[0]?.answer();
    expect(sent()).toEqual(['k:extend l:extend', 'k:retry']);
  });

  test('are sent after the earlier one has failed', async () => {
    const { send, sent, calls } = recorded();
    const extended = send('k:extend');
    await turn();
    const retried = send('k:retry');
    const failed = expect(extended).rejects.toThrow('throttled');
    await calls[0]?.fail(new Error('throttled'));
    await failed;
    expect(sent()).toEqual(['k:extend', 'k:retry']);
    await calls[1]?.answer();
    await expect(retried).resolves.toBe('k:retry');
  });
});

describe('a caller gets', () => {
  test('the outcome of its entry', async () => {
    const { send, calls } = recorded();
    const outcomes = Promise.allSettled([send('a'), send('b'), send('c')]);
    await turn();
    const refused = new Error('too long');
    await calls[0]?.answer([
      { status: 'fulfilled', value: 'sent a' },
      { status: 'rejected', reason: refused },
    ]);
    expect(await outcomes).toEqual([
      { status: 'fulfilled', value: 'sent a' },
      { status: 'rejected', reason: refused },
      { status: 'rejected', reason: new Error('The batch has no outcome for this entry.') },
    ]);
  });

  test('the failure of the whole batch', async () => {
    const { send, calls } = recorded();
    const outcomes = Promise.allSettled([send('a'), send('b')]);
    await turn();
    const failure = new Error('unreachable');
    await calls[0]?.fail(failure);
    expect(await outcomes).toEqual([
      { status: 'rejected', reason: failure },
      { status: 'rejected', reason: failure },
    ]);
  });
});

test('does not send an entry whose signal aborts before it is sent', async () => {
  const { send, calls, sent } = recorded({ maxCalls: 1 });
  void send('a');
  await turn();
  const canceled = new AbortController();
  const late = send('b', canceled.signal).catch((error: unknown) => error);
  void send('c');
  await turn();
  canceled.abort('canceled');
  await calls[0]?.answer();
  expect(await late).toBe('canceled');
  expect(sent()).toEqual(['a', 'c']);
});

describe('a batcher that lingers for 20 ms', () => {
  const lingering = () => recorded({ lingerMs: () => 20 });

  test('sends a partial batch when its oldest entry has lingered', async () => {
    const { send, sent } = lingering();
    void send('a');
    await vi.advanceTimersByTimeAsync(15);
    void send('b');
    expect(sent()).toEqual([]);
    await vi.advanceTimersByTimeAsync(5);
    expect(sent()).toEqual(['a b']);
  });

  test('sends a full batch at once', async () => {
    const { send, sent, calls } = lingering();
    for (const entry of ['a', 'b', 'c', 'd']) void send(entry);
    await turn();
    expect(sent()).toEqual(['a b c']);
    await calls[0]?.answer();
    await vi.advanceTimersByTimeAsync(20);
    expect(sent()).toEqual(['a b c', 'd']);
  });

  test('does not send a partial batch early because a call has returned', async () => {
    const { send, sent, calls } = lingering();
    void send('a');
    await vi.advanceTimersByTimeAsync(20);
    void send('b');
    await calls[0]?.answer();
    expect(sent()).toEqual(['a']);
    await vi.advanceTimersByTimeAsync(20);
    expect(sent()).toEqual(['a', 'b']);
  });

  test('does not send an entry whose signal aborts meanwhile', async () => {
    const { send, sent } = lingering();
    const gone = new AbortController();
    const entry = send('a', gone.signal);
    gone.abort(new Error('too late'));
    const rejected = expect(entry).rejects.toThrow('too late');
    await vi.advanceTimersByTimeAsync(20);
    await rejected;
    expect(sent()).toEqual([]);
  });
});
