import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AwsCallError } from '../errors.ts';
import { fakeSqs } from '../testing/fake-sqs.ts';
import type { CallHook } from '../testing/call-hook.ts';
import { VisibilityExtender } from './visibility-extender.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const VISIBILITY_SECONDS = 30;
const second = (count: number) => vi.advanceTimersByTimeAsync(count * 1000);

/** A message in hand and a KeepInvisible with P6's times; `fault` decides about each extend. */
async function heldMessage(fault: () => void | Promise<void> = () => undefined) {
  const errors: unknown[] = [];
  let extendsSent = 0;
  const beforeCall: CallHook = (operation) => {
    if (operation !== 'ChangeMessageVisibilityBatch') return;
    extendsSent += 1;
    return fault();
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
  const keep = new VisibilityExtender(queue, {
    visibilityTimeoutMs: VISIBILITY_SECONDS * 1000,
    intervalMs: 10_000,
    onError: (error) => errors.push(error),
  });
  return { queue, receive, message, keep, errors, extendsSent: () => extendsSent };
}

const unreachable = () => {
  throw new AwsCallError('ChangeMessageVisibilityBatch', {
    code: 'TimeoutError',
    message: 'no answer',
  });
};

describe('a held message', () => {
  test('stays invisible, and its hold does not lapse, for as long as it is held', async () => {
    const { keep, message, receive } = await heldMessage();
    const hold = keep.start(message);
    await second(120);
    expect(hold.lapsed()).toBe(false);
    expect(await receive()).toEqual([]);
  });

  test('has lapsed 2 s before its time-out when no extend gets through', async () => {
    const { keep, message, errors } = await heldMessage(unreachable);
    const hold = keep.start(message);
    await second(27.9);
    expect(hold.lapsed()).toBe(false);
    await second(0.1);
    expect(hold.lapsed()).toBe(true);
    // At 10 and 20 s.
    expect(errors).toHaveLength(2);
  });

  test('recovers when an extend gets through after one that did not', async () => {
    let failures = 1;
    const { keep, message, errors } = await heldMessage(() => {
      if (failures-- > 0) unreachable();
    });
    const hold = keep.start(message);
    await second(29);
    expect(hold.lapsed()).toBe(false);
    expect(errors).toHaveLength(1);
  });

  test('has lapsed once its receipt is no longer valid, and is not extended again', async () => {
    const { keep, message, queue, extendsSent } = await heldMessage();
    const hold = keep.start(message);
    await queue.ack(message.receipt);
    await second(25);
    expect(hold.lapsed()).toBe(true);
    expect(extendsSent()).toBe(1);
  });

  test('has lapsed for good, although SQS extends for an older receipt', async () => {
    let reachable = false;
    const held = await heldMessage(() => (reachable ? undefined : unreachable()));
    const hold = held.keep.start(held.message);
    await second(30);
    expect(await held.receive()).toMatchObject([{ receiveCount: 2 }]);
    reachable = true;
    expect(await held.queue.extend(held.message.receipt, 60)).toBe('done');
    await second(20);
    expect(hold.lapsed()).toBe(true);
    expect(held.extendsSent()).toBe(3); // at 10 and 20 s, and the one here
  });

  test('has lapsed for good when the answer to its extend came too late', async () => {
    const held = await heldMessage(() => new Promise((resolve) => setTimeout(resolve, 19_000)));
    const hold = held.keep.start(held.message);
    await second(28.5);
    expect(hold.lapsed()).toBe(true);
    await second(10);
    expect(hold.lapsed()).toBe(true);
    expect(held.extendsSent()).toBe(1);
  });

  test('counts from before an extend was sent, however late its answer comes', async () => {
    const answer = Promise.withResolvers<void>();
    const { keep, message, extendsSent } = await heldMessage(() => answer.promise);
    const hold = keep.start(message);
    await second(25);
    // The one of the 10 s beat is still under way, so the beat at 20 s sends none.
    expect(extendsSent()).toBe(1);
    answer.resolve();
    await second(0);
    // Sent at 10 s: holds until 10 + 30 - 2.
    expect(hold.lapsed()).toBe(false);
  });
});

describe('a released message', () => {
  test('is extended no more', async () => {
    const { keep, message, receive, extendsSent } = await heldMessage();
    await keep.start(message).stop();
    await second(31);
    expect(extendsSent()).toBe(0);
    expect(await receive()).toHaveLength(1);
  });

  test('has no extend under way, so that a backoff set afterwards stands', async () => {
    const answer = Promise.withResolvers<void>();
    const { keep, message, queue, receive } = await heldMessage(() => answer.promise);
    const hold = keep.start(message);
    await second(10);
    const events: string[] = [];
    const released = hold.stop().then(() => events.push('released'));
    await second(5);
    events.push('answered');
    answer.resolve();
    await released;
    expect(events).toEqual(['answered', 'released']);
    await queue.retryIn(message.receipt, 2);
    await second(2);
    expect(await receive()).toHaveLength(1);
  });
});

test('nothing is extended after the end', async () => {
  const { keep, message, extendsSent } = await heldMessage();
  keep.start(message);
  await keep[Symbol.asyncDispose]();
  await second(60);
  expect(extendsSent()).toBe(0);
});

test('all that is held is extended in one turn, so that the extends travel together', async () => {
  const { message } = await heldMessage();
  const extended: string[] = [];
  const keep = new VisibilityExtender(
    { extend: async (receipt) => (extended.push(`${receipt} at ${performance.now()}`), 'done') },
    {
      visibilityTimeoutMs: 30_000,
      intervalMs: 10_000,
      onError: () => undefined,
      monotonicMs: () => 0,
    },
  );
  for (const name of ['a', 'b', 'c']) keep.start({ ...message, receipt: name });
  const atMs = performance.now() + 10_000;
  await second(10);
  expect(extended).toEqual([`a at ${atMs}`, `b at ${atMs}`, `c at ${atMs}`]);
});
