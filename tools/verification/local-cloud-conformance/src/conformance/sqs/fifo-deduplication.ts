import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { expect } from 'vitest';

import { withQueue } from '../case.ts';
import { sqsApi, sqsGuide } from '../sources.ts';
import { FIFO, inGroup } from './fifo-ids.ts';

const ONCE = sqsGuide('FIFO-queues-exactly-once-processing');

export const fifoDeduplication = [
  ...withQueue(FIFO)(
    {
      id: 'sqs-fifo-deduplication',
      sentence: 'drops a second message with the same deduplication id and tells of the first',
      source: ONCE,
      needs: ['exact'],
      run: async ({ queue }) => {
        const { MessageId, SequenceNumber } = await queue.send('a', inGroup('g', 'same'));
        const second = await queue.send('b', inGroup('g', 'same'));
        expect(second).toMatchObject({ MessageId, SequenceNumber });
        const message = await queue.receiveOne();
        expect(message).toMatchObject({
          Body: 'a',
          Attributes: { ...inGroup('g', 'same'), SequenceNumber },
        });
        await queue.delete(message);
        await queue.send('c', inGroup('g', 'same'));
        expect(await queue.counts()).toEqual([0, 0, 0]);
      },
    },
    {
      id: 'sqs-fifo-purge',
      sentence: 'takes a deduplication id again after a purge',
      source: sqsApi('PurgeQueue'),
      needs: ['exact'],
      run: async ({ sqs, queue }) => {
        await queue.send('before', inGroup('g', 'same'));
        await sqs.send(new PurgeQueueCommand({ QueueUrl: queue.url }));
        await queue.send('after', inGroup('g', 'same'));
        expect(await queue.bodies()).toEqual(['after']);
      },
    },
  ),
  ...withQueue({ ...FIFO, ContentBasedDeduplication: 'true' })({
    id: 'sqs-fifo-content',
    sentence: 'can take the content as deduplication id',
    source: ONCE,
    run: async ({ queue }) => {
      for (const body of ['x', 'x', 'y']) await queue.send(body, { MessageGroupId: 'g' });
      expect(await queue.bodies()).toEqual(['x', 'y']);
    },
  }),
  ...withQueue({
    ...FIFO,
    DeduplicationScope: 'messageGroup',
    FifoThroughputLimit: 'perMessageGroupId',
  })({
    id: 'sqs-fifo-scope',
    sentence: 'can deduplicate within each group',
    source: sqsApi('CreateQueue'),
    run: async ({ queue }) => {
      await queue.send('a', inGroup('a', 'same'));
      await queue.send('b', inGroup('b', 'same'));
      expect((await queue.bodies()).sort()).toEqual(['a', 'b']);
    },
  }),
];
