import { expect } from 'vitest';

import { expectError } from '@labelfleet/testkit/expect-error';
import { createQueue, type TestQueue } from '@labelfleet/testkit/test-queue';
import { startingWith, type Table } from '../case.ts';
import { sqsApi, sqsGuide } from '../sources.ts';
import { FIFO, inGroup } from './fifo-ids.ts';

const policy = (dead: TestQueue, maxReceiveCount: number) => ({
  RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount }),
});

/** Cases that each start with a queue that moves a message after one receive, and its dead-letter queue. */
const withDeadLetters = startingWith(async ({ sqs }) => {
  const dead = await createQueue(sqs);
  return { dead, queue: await createQueue(sqs, policy(dead, 1)) };
});

export const deadLettersTable: Table = {
  title: 'a redrive policy',
  cases: withDeadLetters(
    {
      id: 'sqs-dead-letter-move',
      sentence: 'moves a message at the receive that would exceed maxReceiveCount, not before',
      // Tried on AWS there: the move waits for that receive, however long the message has been visible.
      source: 'https://github.com/localstack/localstack/issues/8234',
      needs: ['exact'],
      run: async ({ sqs, dead }) => {
        const queue = await createQueue(sqs, policy(dead, 2));
        await queue.send('poison');
        await queue.receiveOne({ VisibilityTimeout: 0 });
        await queue.receiveOne({ VisibilityTimeout: 0 });
        expect(await queue.counts()).toEqual([1, 0, 0]);
        expect(await dead.counts()).toEqual([0, 0, 0]);
        await queue.send('good');
        expect(await queue.bodies()).toEqual(['good']);
        expect(await dead.counts()).toEqual([1, 0, 0]);
      },
    },
    {
      id: 'sqs-dead-letter-count',
      sentence: 'keeps id, time of sending and receive count, which goes on in the other queue',
      // ApproximateReceiveCount is counted “across all queues”.
      source: sqsApi('ReceiveMessage'),
      needs: ['exact'],
      run: async ({ dead, queue }) => {
        const { MessageId } = await queue.send('poison');
        const first = await queue.receiveOne({ VisibilityTimeout: 0 });
        expect(await queue.receive()).toEqual([]);
        expect(await dead.receiveOne()).toMatchObject({
          MessageId,
          Body: 'poison',
          Attributes: {
            ApproximateReceiveCount: '2',
            DeadLetterQueueSourceArn: queue.arn,
            SentTimestamp: first.Attributes?.SentTimestamp,
          },
        });
      },
    },
    {
      id: 'sqs-dead-letter-wake',
      sentence: 'wakes the polls of the dead-letter queue',
      needs: ['exact'],
      run: async ({ dead, queue }) => {
        await queue.send('poison');
        await queue.receiveOne({ VisibilityTimeout: 0 });
        const poll = dead.bodies({ WaitTimeSeconds: 20 });
        expect(await queue.receive()).toEqual([]);
        expect(await poll).toEqual(['poison']);
      },
    },
    {
      id: 'sqs-dead-letter-fifo',
      sentence: 'of a FIFO queue hands a poisoned message on and goes on with its group',
      source: sqsGuide('sqs-dead-letter-queues'),
      needs: ['exact'],
      run: async ({ sqs }) => {
        const dead = await createQueue(sqs, FIFO);
        const queue = await createQueue(sqs, { ...FIFO, ...policy(dead, 1) });
        await queue.send('poison', inGroup('g', '1'));
        await queue.receiveOne({ VisibilityTimeout: 0 });
        await queue.send('next', inGroup('g', '2'));
        expect(await queue.bodies()).toEqual(['next']);
        expect(await dead.bodies()).toEqual(['poison']);
      },
    },
    {
      id: 'sqs-dead-letter-kind',
      sentence: 'refuses a dead-letter queue of the other kind',
      source: sqsGuide('sqs-dead-letter-queues'),
      run: async ({ sqs, dead }) => {
        const created = createQueue(sqs, { ...FIFO, ...policy(dead, 1) });
        await expectError(created, 'InvalidParameterValue');
      },
    },
  ),
};
