import { test } from 'vitest';
import { receiptOf, receive, type QueueBench, type QueueKind } from './bench.ts';

/** Checks how both kinds of queue redeliver, hide and delete messages. */
export function visibilityCases({ newQueue }: QueueBench, { suffix, message }: QueueKind): void {
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

  test('rejects visibility changes of a deleted message as receipt-invalid', async ({ expect }) => {
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
}
