import { fakeSqs, type CallHook } from '@labelfleet/aws/testing';
import { encodeReplyMessage } from '@labelfleet/contracts';
import { createLogger } from '@labelfleet/runtime';
import { expect, test, vi } from 'vitest';
import { createMetrics } from '../metrics.ts';
import { PendingReplies } from './pending-replies.ts';
import { ReplyListener } from './reply-listener.ts';
import { NO_FLEET, succeeded } from '../testing/results.ts';

const connected = new AbortController().signal;

function listening(beforeCall: CallHook = () => undefined) {
  const sqs = fakeSqs({ beforeCall });
  const first = sqs.createQueue('replies');
  const replyQueue = {
    url: first,
    async replace() {
      replyQueue.url = sqs.createQueue('replies-2');
    },
  };
  const pending = new PendingReplies(() => performance.now());
  const metrics = createMetrics({
    fleet: NO_FLEET,
    inflightUploadBytes: () => 0,
    maxUploadBytes: 1,
    waiters: () => pending.size,
  });
  const listener = new ReplyListener({
    replyQueue,
    queueAt: (url) => sqs.queue(url),
    pending,
    linger: { ms: 0 },
    metrics,
    costs: { count: () => {} },
    log: createLogger({ app: 'gateway', level: 'silent' }),
    random: () => 0,
    tracing: undefined,
  });
  const stopping = new AbortController();
  const run = listener.run(stopping.signal);
  return {
    pending,
    listener,
    replyQueue,
    lose: () => sqs.admin.delete(first),
    send: (body: string) => sqs.sender.send(replyQueue.url, { body }),
    left: () => sqs.bodies(replyQueue.url),
    counted: async () => {
      const { values } = await metrics.replies.get();
      const counted = values.filter(({ value }) => value > 0);
      return counted.map(({ labels, value }) => `${labels.kind} ${value}`).toSorted();
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await run;
    },
  };
}

test('a reply completes the waits for it, unknown and malformed ones are counted, and all are acknowledged', async () => {
  await using replies = listening();
  const result = succeeded();
  const wait = replies.pending.register(result.id).wait(10_000, connected);
  await replies.send('no reply');
  await replies.send(encodeReplyMessage({ v: 1, result: succeeded() }));
  await replies.send(encodeReplyMessage({ v: 1, result }));
  expect(await wait).toEqual({ kind: 'completed', result });
  await vi.waitFor(() => expect(replies.left()).toEqual([]));
  expect(await replies.counted()).toEqual(['completed 1', 'malformed 1', 'unknown 1']);
});

test('the listener receives more at the same time while the queue is not empty', async () => {
  const filled = Promise.withResolvers<void>();
  let polls = 0;
  await using replies = listening(async (operation) => {
    if (operation !== 'ReceiveMessage') return;
    polls += 1;
    await filled.promise;
  });
  for (let sent = 0; sent < 35; sent += 1)
    await replies.send(encodeReplyMessage({ v: 1, result: succeeded() }));
  filled.resolve();
  await vi.waitFor(() => expect(replies.left()).toEqual([]));
  // Rounds of one, two and four, which receive 10, 20 and 5
  expect(polls).toBe(7);
});

test('the listener reports an unreachable queue and recovers when the queue does', async () => {
  let unreachable = false;
  await using replies = listening((operation) => {
    if (unreachable && operation === 'ReceiveMessage') throw new Error('unreachable');
  });
  const result = succeeded();
  const wait = replies.pending.register(result.id).wait(10_000, connected);
  expect(replies.listener.state).toBe('listening');
  unreachable = true;
  await replies.send('ends the poll under way');
  await vi.waitFor(() => expect(replies.listener.state).toBe('unreachable'));
  unreachable = false;
  await vi.waitFor(() => expect(replies.listener.state).toBe('listening'), 5_000);
  await replies.send(encodeReplyMessage({ v: 1, result }));
  expect(await wait).toMatchObject({ kind: 'completed' });
});

test('a queue that several polls do not find is replaced, and replies on the new queue are received', async () => {
  let missing = 0;
  await using replies = listening((operation, queue) => {
    if (operation === 'ReceiveMessage' && queue.endsWith('/replies')) missing += 1;
  });
  await replies.lose();
  await vi.waitFor(() => expect(replies.replyQueue.url).toMatch(/replies-2$/), 5_000);
  expect(missing).toBeGreaterThanOrEqual(3);
  const result = succeeded();
  const wait = replies.pending.register(result.id).wait(10_000, connected);
  await replies.send(encodeReplyMessage({ v: 1, result }));
  expect(await wait).toMatchObject({ kind: 'completed' });
  expect(replies.listener.state).toBe('listening');
});

test('the listener continues after a failed acknowledgement', async () => {
  await using replies = listening((operation) => {
    if (operation === 'DeleteMessageBatch') throw new Error('unreachable');
  });
  for (const result of [succeeded(), succeeded()]) {
    const wait = replies.pending.register(result.id).wait(10_000, connected);
    await replies.send(encodeReplyMessage({ v: 1, result }));
    expect(await wait).toMatchObject({ kind: 'completed' });
  }
  expect(replies.listener.state).toBe('listening');
});

test('stopping the listener aborts the poll under way', async () => {
  const replies = listening();
  await replies[Symbol.asyncDispose]();
  expect(replies.listener.state).toBe('stopped');
});
