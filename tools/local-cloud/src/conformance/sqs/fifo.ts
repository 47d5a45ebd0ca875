import { expect } from 'vitest';

import type { Table } from '../case.ts';
import { sqsApi, sqsGuide } from '../sources.ts';
import { createQueue } from '../test-queue.ts';

const FIFO = { FifoQueue: 'true' };
const LOGIC = sqsGuide('FIFO-queues-understanding-logic');
const ONCE = sqsGuide('FIFO-queues-exactly-once-processing');

const inGroup = (MessageGroupId: string, MessageDeduplicationId: string) => ({
  MessageGroupId,
  MessageDeduplicationId,
});

export const fifoTable: Table = {
  title: 'a FIFO queue',
  cases: [
    {
      id: 'sqs-fifo-order',
      sentence: 'delivers a group in order, several at once, and none while some are in flight',
      source: LOGIC,
      run: async ({ sqs }) => {
        const queue = await createQueue(sqs, FIFO);
        for (const body of ['a1', 'a2', 'a3', 'a4']) await queue.send(body, inGroup('a', body));
        const [first = {}, second = {}] = await queue.receive({ MaxNumberOfMessages: 2 });
        expect([first.Body, second.Body]).toEqual(['a1', 'a2']);
        expect(await queue.receive()).toEqual([]);
        await queue.delete(first);
        expect(await queue.receive()).toEqual([]);
        await queue.hide(second, 0);
        expect(await queue.bodies()).toEqual(['a2', 'a3', 'a4']);
      },
    },
    {
      id: 'sqs-fifo-groups',
      sentence: 'does not let one group wait for another',
      source: LOGIC,
      run: async ({ sqs }) => {
        const queue = await createQueue(sqs, FIFO);
        await queue.send('a1', inGroup('a', 'a1'));
        await queue.send('a2', inGroup('a', 'a2'));
        await queue.send('b1', inGroup('b', 'b1'));
        expect((await queue.receiveOne()).Body).toBe('a1');
        expect(await queue.bodies()).toEqual(['b1']);
      },
    },
    {
      id: 'sqs-fifo-wake',
      sentence: 'wakes a poll when the group becomes free',
      source: LOGIC,
      run: async ({ sqs }) => {
        const queue = await createQueue(sqs, FIFO);
        await queue.send('a1', inGroup('a', 'a1'));
        await queue.send('a2', inGroup('a', 'a2'));
        const first = await queue.receiveOne();
        const poll = queue.bodies({ WaitTimeSeconds: 20 });
        await queue.delete(first);
        expect(await poll).toEqual(['a2']);
      },
    },
    {
      id: 'sqs-fifo-deduplication',
      sentence: 'drops a second message with the same deduplication id and tells of the first',
      source: ONCE,
      needs: ['exact'],
      run: async ({ sqs }) => {
        const queue = await createQueue(sqs, FIFO);
        const { MessageId, SequenceNumber } = await queue.send('a', inGroup('g', 'same'));
        expect(await queue.send('b', inGroup('g', 'same'))).toMatchObject({
          MessageId,
          SequenceNumber,
        });
        const message = await queue.receiveOne();
        expect(message).toMatchObject({
          Body: 'a',
          Attributes: { MessageGroupId: 'g', MessageDeduplicationId: 'same', SequenceNumber },
        });
        await queue.delete(message);
        await queue.send('c', inGroup('g', 'same'));
        expect(await queue.counts()).toEqual([0, 0, 0]);
      },
    },
    {
      id: 'sqs-fifo-content',
      sentence: 'can take the content as deduplication id',
      source: ONCE,
      run: async ({ sqs }) => {
        const queue = await createQueue(sqs, { ...FIFO, ContentBasedDeduplication: 'true' });
        for (const body of ['x', 'x', 'y']) await queue.send(body, { MessageGroupId: 'g' });
        expect(await queue.bodies()).toEqual(['x', 'y']);
      },
    },
    {
      id: 'sqs-fifo-scope',
      sentence: 'can deduplicate within each group',
      source: sqsApi('CreateQueue'),
      run: async ({ sqs }) => {
        const queue = await createQueue(sqs, {
          ...FIFO,
          DeduplicationScope: 'messageGroup',
          FifoThroughputLimit: 'perMessageGroupId',
        });
        await queue.send('a', inGroup('a', 'same'));
        await queue.send('b', inGroup('b', 'same'));
        expect((await queue.bodies()).sort()).toEqual(['a', 'b']);
      },
    },
    {
      id: 'sqs-fifo-parameters',
      sentence: 'refuses a message without a group, without an id, or with a delay of its own',
      source: sqsApi('SendMessage'),
      run: async ({ sqs }) => {
        const queue = await createQueue(sqs, FIFO);
        await expect(queue.send('m')).rejects.toMatchObject({ name: 'MissingParameter' });
        const invalid = { name: 'InvalidParameterValue' };
        await expect(queue.send('m', { MessageGroupId: 'g' })).rejects.toMatchObject(invalid);
        await expect(
          queue.send('m', { ...inGroup('g', '1'), DelaySeconds: 1 }),
        ).rejects.toMatchObject(invalid);
      },
    },
    {
      id: 'sqs-fifo-receipt',
      sentence: 'refuses a receipt whose time-out has passed',
      source: sqsApi('DeleteMessage'),
      run: async ({ sqs }) => {
        const queue = await createQueue(sqs, FIFO);
        await queue.send('m', inGroup('g', '1'));
        const message = await queue.receiveOne({ VisibilityTimeout: 0 });
        await expect(queue.delete(message)).rejects.toMatchObject({
          name: 'InvalidParameterValue',
          message: expect.stringContaining('expired') as string,
        });
      },
    },
  ],
};
