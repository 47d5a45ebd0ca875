import { beforeAll, describe, test } from 'vitest';
import { AwsCallError, hasCode, isTransient, QUEUE_GONE_CODES } from '../errors.ts';
import type { SqsConnection } from '../queue/connect-sqs.ts';
import type { OutgoingMessage, Queue, ReceivedMessage } from '../queue/queue.ts';

export interface QueueSubject extends AsyncDisposable {
  sqs: SqsConnection;
  /** Creates a queue and resolves with its URL. */
  createQueue(name: string): Promise<string>;
}

/** Test cases that every implementation of Queue must pass. Each case uses its own queue, so they run concurrently. */
export function queueContract(start: () => Promise<QueueSubject>): void {
  let subject: QueueSubject;
  let count = 0;
  beforeAll(async () => {
    subject = await start();
    return () => subject[Symbol.asyncDispose]();
  });

  async function newQueue(suffix = ''): Promise<Queue> {
    count += 1;
    return subject.sqs.queue(await subject.createQueue(`contract-${count}${suffix}`));
  }

  const variants = [
    {
      kind: 'standard',
      suffix: '',
      message: (body: string): OutgoingMessage => ({ body }),
    },
    {
      kind: 'FIFO',
      suffix: '.fifo',
      // Ids may contain only letters, digits and punctuation.
      message: (body: string): OutgoingMessage => {
        const id = Buffer.from(body).toString('hex');
        return { body, groupId: id, deduplicationId: id };
      },
    },
  ];

  describe.concurrent.each(variants)('a $kind queue', ({ suffix, message }) => {
    test('checks that it can send without sending a message', async ({ expect }) => {
      const queue = await newQueue(suffix);
      await queue.checkSend();
      expect(await queue.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
      const missing = subject.sqs.queue(`${queue.url.replace(suffix, '')}-missing${suffix}`);
      await expect(missing.checkSend()).rejects.toSatisfy((error) =>
        hasCode(error, QUEUE_GONE_CODES),
      );
    });

    test('delivers a message with its body and attributes', async ({ expect }) => {
      const queue = await newQueue(suffix);
      const beforeMs = Date.now();
      await queue.send({
        ...message('{"label":"Bär 🐻"}'),
        attributes: { traceparent: '00-abc-def-01' },
      });
      const [received] = await receive(queue);
      expect(received).toMatchObject({
        body: '{"label":"Bär 🐻"}',
        attributes: { traceparent: '00-abc-def-01' },
        receiveCount: 1,
      });
      expect(received?.sentAt.getTime()).toBeGreaterThanOrEqual(beforeMs - 1);
      expect(received?.receivedAtMs).toBeLessThanOrEqual(performance.now());
    });

    test('delivers a message to a waiting long poll', async ({ expect }) => {
      const queue = await newQueue(suffix);
      const polled = receive(queue, { waitSeconds: 20 });
      await queue.send(message('a'));
      expect(bodies(await polled)).toEqual(['a']);
    });

    test('returns an empty list when there is no message', async ({ expect }) => {
      const queue = await newQueue(suffix);
      expect(await receive(queue, { waitSeconds: 0 })).toEqual([]);
      expect(await receive(queue, { waitSeconds: 1 })).toEqual([]);
    });

    test('delivers at most maxMessages to a poll', async ({ expect }) => {
      const queue = await newQueue(suffix);
      await Promise.all(['a', 'b', 'c'].map((body) => queue.send(message(body))));
      expect(await receive(queue, { maxMessages: 1 })).toHaveLength(1);
      expect(await receiveAll(queue, 2)).toHaveLength(2);
    });

    test('accepts many concurrent sends and acks, each with its own outcome', async ({
      expect,
    }) => {
      const queue = await newQueue(suffix);
      const sent = Array.from({ length: 35 }, (_, index) => `message ${index}`);
      await Promise.all(sent.map((body) => queue.send(message(body))));
      const received = await receiveAll(queue, sent.length);
      expect(bodies(received).sort()).toEqual([...sent].sort());

      const outcomes = await Promise.all(
        [...received.map(({ receipt }) => receipt), 'no receipt'].map((receipt) =>
          queue.ack(receipt),
        ),
      );
      expect(outcomes).toEqual([...received.map(() => 'done'), 'receipt-invalid']);
      expect(await queue.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    });

    test('counts visible messages and messages in flight', async ({ expect }) => {
      const queue = await newQueue(suffix);
      await Promise.all(['a', 'b', 'c'].map((body) => queue.send(message(body))));
      await receive(queue, { maxMessages: 1 });
      expect(await queue.depth()).toEqual({ visible: 2, inFlight: 1, delayed: 0 });
    });

    test('redelivers a message when its visibility time-out has ended', async ({ expect }) => {
      const queue = await newQueue(suffix);
      await queue.send(message('a'));
      const [first] = await receive(queue, { visibilityTimeoutSeconds: 1 });
      const [second] = await receive(queue);
      expect(second).toMatchObject({ messageId: first?.messageId, receiveCount: 2 });
    });

    test('keeps a message invisible while it is extended', async ({ expect }) => {
      const queue = await newQueue(suffix);
      await queue.send(message('a'));
      const [first] = await receive(queue, { visibilityTimeoutSeconds: 1 });
      expect(await queue.extend(receiptOf(first), 30)).toBe('done');
      expect(await receive(queue, { waitSeconds: 2 })).toEqual([]);
    });

    test('redelivers a message at once after retryIn 0', async ({ expect }) => {
      const queue = await newQueue(suffix);
      await queue.send(message('a'));
      const [first] = await receive(queue);
      const polled = receive(queue);
      expect(await queue.retryIn(receiptOf(first), 0)).toBe('done');
      expect((await polled)[0]).toMatchObject({ body: 'a', receiveCount: 2 });
    });

    test('applies the last of several visibility changes of one receipt', async ({ expect }) => {
      const queue = await newQueue(suffix);
      await queue.send(message('a'));
      const receipt = receiptOf((await receive(queue))[0]);
      await Promise.all([
        queue.extend(receipt, 30),
        queue.extend(receipt, 60),
        queue.retryIn(receipt, 0),
      ]);
      expect((await receive(queue))[0]).toMatchObject({ body: 'a', receiveCount: 2 });
    });

    test('rejects visibility changes of a deleted message as receipt-invalid', async ({
      expect,
    }) => {
      const queue = await newQueue(suffix);
      await queue.send(message('a'));
      const receipt = receiptOf((await receive(queue))[0]);
      expect(await queue.ack(receipt)).toBe('done');
      expect(await queue.extend(receipt, 30)).toBe('receipt-invalid');
      expect(await queue.retryIn(receipt, 0)).toBe('receipt-invalid');
    });

    test('accepts a second ack of a message', async ({ expect }) => {
      const queue = await newQueue(suffix);
      await queue.send(message('a'));
      const receipt = receiptOf((await receive(queue))[0]);
      expect(await queue.ack(receipt)).toBe('done');
      expect(await queue.ack(receipt)).toBe('done');
    });

    test('rejects an aborted poll with the reason and loses no message', async ({ expect }) => {
      const queue = await newQueue(suffix);
      const stop = new AbortController();
      const reason = new Error('draining');
      // A message that is delivered to the aborted poll becomes visible again after its time-out.
      const brief = { waitSeconds: 20, visibilityTimeoutSeconds: 1 };
      const polled = receive(queue, brief, stop.signal);
      // When this call has returned, the first poll is waiting.
      await queue.depth();
      stop.abort(reason);
      await expect(polled).rejects.toBe(reason);
      await expect(receive(queue, {}, stop.signal)).rejects.toBe(reason);
      await queue.send(message('a'));
      expect(bodies(await receive(queue))).toEqual(['a']);
    });
  });

  describe.concurrent('a standard queue', () => {
    test('delivers a delayed message after its delay', async ({ expect }) => {
      const queue = await newQueue();
      await queue.send({ body: 'a', delaySeconds: 1 });
      expect(await queue.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 1 });
      expect(bodies(await receive(queue))).toEqual(['a']);
    });

    test('accepts a receipt whose time-out has ended, and an older one', async ({ expect }) => {
      const queue = await newQueue();
      await queue.send({ body: 'a' });
      const old = receiptOf((await receive(queue, { visibilityTimeoutSeconds: 0 }))[0]);
      expect(await queue.extend(old, 30)).toBe('done');
      expect(await queue.depth()).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
      expect(await queue.retryIn(old, 0)).toBe('done');
      const current = receiptOf((await receive(queue))[0]);
      expect(await queue.retryIn(old, 0)).toBe('done');
      expect(await receive(queue)).toMatchObject([{ body: 'a', receiveCount: 3 }]);
      expect(await queue.ack(current)).toBe('done');
      expect(await queue.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    });

    test('ignores the group id and the deduplication id', async ({ expect }) => {
      const queue = await newQueue();
      const twin = { body: 'a', groupId: 'g', deduplicationId: 'd' };
      await Promise.all([queue.send(twin), queue.send(twin)]);
      expect(bodies(await receiveAll(queue, 2))).toEqual(['a', 'a']);
    });
  });

  describe.concurrent('a FIFO queue', () => {
    test('accepts only the newest receipt of a message', async ({ expect }) => {
      const queue = await newQueue('.fifo');
      await queue.send({ body: 'a', groupId: 'a', deduplicationId: 'a' });
      const old = receiptOf((await receive(queue, { visibilityTimeoutSeconds: 1 }))[0]);
      const current = receiptOf((await receive(queue))[0]);
      expect(await queue.extend(old, 60)).toBe('receipt-invalid');
      expect(await queue.retryIn(old, 0)).toBe('receipt-invalid');
      expect(await queue.ack(old)).toBe('receipt-invalid');
      expect(await queue.depth()).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
      expect(await queue.ack(current)).toBe('done');
    });

    test('delivers a group in order, one message at a time', async ({ expect }) => {
      const queue = await newQueue('.fifo');
      for (const [body, groupId] of [
        ['a1', 'a'],
        ['a2', 'a'],
        ['b1', 'b'],
      ] as const)
        await queue.send({ body, groupId, deduplicationId: body });
      const [first] = await receive(queue, { maxMessages: 1 });
      expect(first?.body).toBe('a1');
      expect(bodies(await receive(queue))).toEqual(['b1']);
      await queue.ack(receiptOf(first));
      expect(bodies(await receive(queue))).toEqual(['a2']);
    });

    test('drops a second message with the same deduplication id', async ({ expect }) => {
      const queue = await newQueue('.fifo');
      await queue.send({ body: 'a', groupId: 'a', deduplicationId: 'a' });
      await queue.send({ body: 'a', groupId: 'a', deduplicationId: 'a' });
      expect(await queue.depth()).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
    });
  });

  describe.concurrent('a queue that does not exist', () => {
    test('rejects calls with an error that is not transient', async ({ expect }) => {
      const queue = await newQueue();
      await subject.sqs.admin.delete(queue.url);
      const error = await receive(queue).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(AwsCallError);
      expect(hasCode(error, QUEUE_GONE_CODES)).toBe(true);
      expect(isTransient(error)).toBe(false);
      await expect(queue.send({ body: 'a' })).rejects.toThrow(AwsCallError);
    });

    test('is the outcome queue-gone of the sender', async ({ expect }) => {
      const queue = await newQueue();
      const { sender, admin } = subject.sqs;
      expect(await sender.send(queue.url, { body: 'a' })).toBe('sent');
      expect(bodies(await receive(queue))).toEqual(['a']);
      expect(await admin.delete(queue.url)).toBe('deleted');
      expect(await sender.send(queue.url, { body: 'b' })).toBe('queue-gone');
      expect(await admin.delete(queue.url)).toBe('queue-gone');
    });
  });

  describe.concurrent('the queue admin', () => {
    const options = { retentionSeconds: 3600, tags: { 'alive-at': 'now' } };

    test('creates and tags queues', async ({ expect }) => {
      const { sqs } = subject;
      const url = await sqs.admin.create('contract-replies', options);
      await sqs.admin.tag(url, { 'alive-at': 'later' });
      await sqs.queue(url).send({ body: 'a' });
      expect(bodies(await receive(sqs.queue(url)))).toEqual(['a']);
    });

    test('lists queues by the prefix of their names and reads their tags', async ({ expect }) => {
      const { admin } = subject.sqs;
      const urls = await Promise.all(
        ['contract-list-a', 'contract-list-b', 'contract-other-list'].map((name) =>
          admin.create(name, options),
        ),
      );
      const [a = '', b = ''] = urls;
      expect((await admin.list('contract-list-')).sort()).toEqual([a, b]);
      expect(await admin.list('contract-nothing-')).toEqual([]);
      await admin.tag(a, { 'alive-at': 'later', colour: 'red' });
      expect(await admin.tags(a)).toEqual({ 'alive-at': 'later', colour: 'red' });
      await admin.delete(b);
      expect(await admin.tags(b)).toBe('queue-gone');
      expect(await admin.tags((await newQueue()).url)).toEqual({});
    });

    test('rejects the name of a queue that was just deleted', async ({ expect }) => {
      const { admin } = subject.sqs;
      await admin.delete(await admin.create('contract-deleted', options));
      await expect(admin.create('contract-deleted', options)).rejects.toMatchObject({
        code: 'QueueDeletedRecently',
      });
    });
  });
}

const receive = (
  queue: Queue,
  options: Partial<Parameters<Queue['receive']>[0]> = {},
  signal?: AbortSignal,
): Promise<ReceivedMessage[]> =>
  queue.receive(
    { maxMessages: 10, waitSeconds: 10, visibilityTimeoutSeconds: 30, ...options },
    signal,
  );

/** Polls until `count` messages have arrived: one poll may return fewer than the queue has. */
async function receiveAll(queue: Queue, count: number): Promise<ReceivedMessage[]> {
  const received: ReceivedMessage[] = [];
  while (received.length < count) {
    const more = await receive(queue);
    if (more.length === 0) break;
    received.push(...more);
  }
  return received;
}

const bodies = (messages: readonly ReceivedMessage[]): string[] => messages.map(({ body }) => body);

function receiptOf(message: ReceivedMessage | undefined): string {
  if (message === undefined) throw new Error('Nothing was received.');
  return message.receipt;
}
