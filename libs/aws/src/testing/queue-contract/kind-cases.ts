import { describe, test } from 'vitest';
import { bodies, receiptOf, receive, receiveAll, type QueueBench } from './bench.ts';

/** Checks what only standard queues do. */
export function standardQueueCases({ newQueue }: QueueBench): void {
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
}

/** Checks what only FIFO queues do. */
export function fifoQueueCases({ newQueue }: QueueBench): void {
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
}
