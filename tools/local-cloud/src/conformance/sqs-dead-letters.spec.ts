import { describe, expect, test } from 'vitest';

import { withLocalCloud } from './clients.ts';
import { createQueue } from './test-queue.ts';

const cloud = withLocalCloud();
const newQueue = (attributes?: Record<string, string>) => createQueue(cloud.sqs, attributes);

// docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
describe('a redrive policy', () => {
  test('moves a message at the receive that would exceed maxReceiveCount, not before', async () => {
    const dead = await newQueue();
    const queue = await newQueue({
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 2 }),
    });
    const { MessageId } = await queue.send('poison');
    const first = await queue.receiveOne({ VisibilityTimeout: 0 });
    await queue.receiveOne({ VisibilityTimeout: 0 });
    expect(await queue.counts()).toEqual([1, 0, 0]);
    expect(await dead.counts()).toEqual([0, 0, 0]);

    await queue.send('good');
    expect(await queue.bodies()).toEqual(['good']);
    const moved = await dead.receiveOne();
    expect(moved).toMatchObject({
      MessageId,
      Body: 'poison',
      Attributes: {
        DeadLetterQueueSourceArn: queue.arn,
        SentTimestamp: first.Attributes?.SentTimestamp,
        ApproximateReceiveCount: '3',
      },
    });
  });

  test('wakes the polls of the dead-letter queue', async () => {
    const dead = await newQueue();
    const queue = await newQueue({
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 1 }),
    });
    await queue.send('poison');
    await queue.receiveOne({ VisibilityTimeout: 0 });
    const poll = dead.bodies({ WaitTimeSeconds: 20 });
    expect(await queue.receive()).toEqual([]);
    expect(await poll).toEqual(['poison']);
  });

  test('of a FIFO queue hands a poisoned message on and goes on with its group', async () => {
    const dead = await newQueue({ FifoQueue: 'true' });
    const queue = await newQueue({
      FifoQueue: 'true',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 1 }),
    });
    await queue.send('poison', { MessageGroupId: 'g', MessageDeduplicationId: '1' });
    await queue.receiveOne({ VisibilityTimeout: 0 });
    await queue.send('next', { MessageGroupId: 'g', MessageDeduplicationId: '2' });
    expect(await queue.bodies()).toEqual(['next']);
    expect(await dead.bodies()).toEqual(['poison']);
  });
});
