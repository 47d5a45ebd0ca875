import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AwsCallError } from '../errors.ts';
import { fakeSqs } from '../testing/fake-sqs.ts';
import type { CallHook } from '../testing/call-hook.ts';
import { VisibilityExtender } from './visibility-extender.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const VISIBILITY_SECONDS = 30;
const second = (count: number) => vi.advanceTimersByTimeAsync(count * 1000);

/** Receives a message and creates a VisibilityExtender with P6's times; `onExtend` runs in each extend call. */
async function setUp(onExtend: () => void | Promise<void> = () => undefined) {
  const errors: unknown[] = [];
  let extendsSent = 0;
  const beforeCall: CallHook = (operation) => {
    if (operation !== 'ChangeMessageVisibilityBatch') return;
    extendsSent += 1;
    return onExtend();
  };
  const sqs = fakeSqs({ beforeCall });
  const queue = sqs.queue(sqs.createQueue('requests'));
  await queue.send({ body: 'a' });
  const receive = () =>
    queue.receive({
      maxMessages: 1,
      waitSeconds: 0,
      visibilityTimeoutSeconds: VISIBILITY_SECONDS,
    });
  const [message] = await receive();
  if (message === undefined) throw new Error('Nothing was received.');
  const extender = new VisibilityExtender(queue, {
    visibilityTimeoutMs: VISIBILITY_SECONDS * 1000,
    intervalMs: 10_000,
    onError: (error) => errors.push(error),
  });
  return { queue, receive, message, extender, errors, extendsSent: () => extendsSent };
}

const unreachable = () => {
  throw new AwsCallError('ChangeMessageVisibilityBatch', {
    code: 'TimeoutError',
    message: 'no answer',
  });
};

describe('a visibility extension', () => {
  test('keeps the message invisible and does not lapse until it is stopped', async () => {
    const { extender, message, receive } = await setUp();
    const extension = extender.start(message);
    await second(120);
    expect(extension.lapsed()).toBe(false);
    expect(await receive()).toEqual([]);
  });

  test('lapses 2 s before the time-out when every extend fails', async () => {
    const { extender, message, errors } = await setUp(unreachable);
    const extension = extender.start(message);
    await second(27.9);
    expect(extension.lapsed()).toBe(false);
    await second(0.1);
    expect(extension.lapsed()).toBe(true);
    // The extends at 10 and 20 s failed.
    expect(errors).toHaveLength(2);
  });

  test('does not lapse when one extend fails and the next succeeds', async () => {
    let failures = 1;
    const { extender, message, errors } = await setUp(() => {
      if (failures-- > 0) unreachable();
    });
    const extension = extender.start(message);
    await second(29);
    expect(extension.lapsed()).toBe(false);
    expect(errors).toHaveLength(1);
  });

  test('lapses and ends when the receipt is no longer valid', async () => {
    const { extender, message, queue, extendsSent } = await setUp();
    const extension = extender.start(message);
    await queue.ack(message.receipt);
    await second(25);
    expect(extension.lapsed()).toBe(true);
    expect(extendsSent()).toBe(1);
  });

  test('stays lapsed although SQS accepts the older receipt', async () => {
    let reachable = false;
    const received = await setUp(() => (reachable ? undefined : unreachable()));
    const extension = received.extender.start(received.message);
    await second(30);
    expect(await received.receive()).toMatchObject([{ receiveCount: 2 }]);
    reachable = true;
    expect(await received.queue.extend(received.message.receipt, 60)).toBe('done');
    await second(20);
    expect(extension.lapsed()).toBe(true);
    expect(received.extendsSent()).toBe(3); // at 10 and 20 s, and the call above
  });

  test('stays lapsed when an extend succeeds too late', async () => {
    const received = await setUp(() => new Promise((resolve) => setTimeout(resolve, 19_000)));
    const extension = received.extender.start(received.message);
    await second(28.5);
    expect(extension.lapsed()).toBe(true);
    await second(10);
    expect(extension.lapsed()).toBe(true);
    expect(received.extendsSent()).toBe(1);
  });

  test('counts the time-out from before the extend was sent', async () => {
    const answer = Promise.withResolvers<void>();
    const { extender, message, extendsSent } = await setUp(() => answer.promise);
    const extension = extender.start(message);
    await second(25);
    // The extend of 10 s is still in flight, so none is sent at 20 s.
    expect(extendsSent()).toBe(1);
    answer.resolve();
    await second(0);
    // Sent at 10 s, so it lapses at 10 + 30 - 2 = 38 s.
    expect(extension.lapsed()).toBe(false);
  });
});

describe('stop()', () => {
  test('ends the extension', async () => {
    const { extender, message, receive, extendsSent } = await setUp();
    await extender.start(message).stop();
    await second(31);
    expect(extendsSent()).toBe(0);
    expect(await receive()).toHaveLength(1);
  });

  test('waits for the extend in flight, so that it does not undo a later backoff', async () => {
    const answer = Promise.withResolvers<void>();
    const { extender, message, queue, receive } = await setUp(() => answer.promise);
    const extension = extender.start(message);
    await second(10);
    const events: string[] = [];
    const stopped = extension.stop().then(() => events.push('stopped'));
    await second(5);
    events.push('answered');
    answer.resolve();
    await stopped;
    expect(events).toEqual(['answered', 'stopped']);
    await queue.retryIn(message.receipt, 2);
    await second(2);
    expect(await receive()).toHaveLength(1);
  });
});

test('extends nothing after it is disposed', async () => {
  const { extender, message, extendsSent } = await setUp();
  extender.start(message);
  await extender[Symbol.asyncDispose]();
  await second(60);
  expect(extendsSent()).toBe(0);
});

test('extends all messages in one turn of the event loop, so that they share a batch', async () => {
  const { message } = await setUp();
  const extended: string[] = [];
  const extender = new VisibilityExtender(
    { extend: async (receipt) => (extended.push(`${receipt} at ${performance.now()}`), 'done') },
    {
      visibilityTimeoutMs: 30_000,
      intervalMs: 10_000,
      onError: () => undefined,
      monotonicMs: () => 0,
    },
  );
  for (const name of ['a', 'b', 'c']) extender.start({ ...message, receipt: name });
  const atMs = performance.now() + 10_000;
  await second(10);
  expect(extended).toEqual([`a at ${atMs}`, `b at ${atMs}`, `c at ${atMs}`]);
});
