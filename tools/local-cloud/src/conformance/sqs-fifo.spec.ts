import { describe, expect, test } from 'vitest';

import { withLocalCloud } from './clients.ts';
import { createQueue } from './test-queue.ts';

const cloud = withLocalCloud();
const newQueue = (attributes?: Record<string, string>) => createQueue(cloud.sqs, attributes);

// docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
describe('a FIFO queue', () => {
  const FIFO = { FifoQueue: 'true' };
  const inGroup = (MessageGroupId: string, MessageDeduplicationId: string) => ({
    MessageGroupId,
    MessageDeduplicationId,
  });

  test('delivers a group in order, several at once, and none while some are in flight', async () => {
    const queue = await newQueue(FIFO);
    for (const body of ['a1', 'a2', 'a3', 'a4']) await queue.send(body, inGroup('a', body));
    const [first, second] = await queue.receive({ MaxNumberOfMessages: 2 });
    expect([first?.Body, second?.Body]).toEqual(['a1', 'a2']);
    expect(await queue.receive()).toEqual([]);
    await queue.delete(first ?? {});
    expect(await queue.receive()).toEqual([]);
    await queue.hide(second ?? {}, 0);
    expect(await queue.bodies()).toEqual(['a2', 'a3', 'a4']);
  });

  test('does not let one group wait for another', async () => {
    const queue = await newQueue(FIFO);
    await queue.send('a1', inGroup('a', 'a1'));
    await queue.send('a2', inGroup('a', 'a2'));
    await queue.send('b1', inGroup('b', 'b1'));
    expect((await queue.receiveOne()).Body).toBe('a1');
    expect(await queue.bodies()).toEqual(['b1']);
  });

  test('wakes a poll when the group becomes free', async () => {
    const queue = await newQueue(FIFO);
    await queue.send('a1', inGroup('a', 'a1'));
    await queue.send('a2', inGroup('a', 'a2'));
    const first = await queue.receiveOne();
    const poll = queue.bodies({ WaitTimeSeconds: 20 });
    await queue.delete(first);
    expect(await poll).toEqual(['a2']);
  });

  test('drops a second message with the same deduplication id and tells of the first', async () => {
    const queue = await newQueue(FIFO);
    const first = await queue.send('a', inGroup('g', 'same'));
    const second = await queue.send('b', inGroup('g', 'same'));
    expect(second).toMatchObject({
      MessageId: first.MessageId,
      SequenceNumber: first.SequenceNumber,
    });
    const message = await queue.receiveOne();
    expect(message).toMatchObject({
      Body: 'a',
      Attributes: {
        MessageGroupId: 'g',
        MessageDeduplicationId: 'same',
        SequenceNumber: first.SequenceNumber,
      },
    });
    await queue.delete(message);
    await queue.send('c', inGroup('g', 'same'));
    expect(await queue.counts()).toEqual([0, 0, 0]);
  });

  test('can take the content as deduplication id', async () => {
    const queue = await newQueue({ ...FIFO, ContentBasedDeduplication: 'true' });
    for (const body of ['x', 'x', 'y']) await queue.send(body, { MessageGroupId: 'g' });
    expect(await queue.bodies()).toEqual(['x', 'y']);
  });

  test('refuses a message without a group, without an id, or with a delay of its own', async () => {
    const queue = await newQueue(FIFO);
    await expect(queue.send('m')).rejects.toMatchObject({ name: 'MissingParameter' });
    await expect(queue.send('m', { MessageGroupId: 'g' })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
    await expect(queue.send('m', { ...inGroup('g', '1'), DelaySeconds: 1 })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
  });

  test('refuses a receipt whose time-out has passed', async () => {
    const queue = await newQueue(FIFO);
    await queue.send('m', inGroup('g', '1'));
    const message = await queue.receiveOne({ VisibilityTimeout: 0 });
    await expect(queue.delete(message)).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message: expect.stringContaining('expired') as string,
    });
  });
});
