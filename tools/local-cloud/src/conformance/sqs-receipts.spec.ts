import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';

import { withLocalCloud } from './clients.ts';
import { createQueue } from './test-queue.ts';

const cloud = withLocalCloud();
const newQueue = (attributes?: Record<string, string>) => createQueue(cloud.sqs, attributes);

// docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html
describe('a receipt', () => {
  test('that is none is refused', async () => {
    const queue = await newQueue();
    await expect(queue.delete({ ReceiptHandle: 'nonsense' })).rejects.toMatchObject({
      name: 'ReceiptHandleIsInvalid',
    });
    await expect(queue.hide({ ReceiptHandle: 'nonsense' }, 1)).rejects.toMatchObject({
      name: 'ReceiptHandleIsInvalid',
    });
  });

  test('of another queue is refused', async () => {
    const queue = await newQueue();
    await queue.send('m');
    const message = await queue.receiveOne();
    await expect((await newQueue()).delete(message)).rejects.toMatchObject({
      name: 'ReceiptHandleIsInvalid',
    });
  });

  test('of an earlier receive deletes nothing and extends nothing', async () => {
    const queue = await newQueue();
    await queue.send('m');
    const first = await queue.receiveOne({ VisibilityTimeout: 0 });
    await queue.receiveOne();
    await queue.delete(first);
    expect(await queue.counts()).toEqual([0, 1, 0]);
    await expect(queue.hide(first, 10)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  test('of a message that was deleted deletes again, and extends no more', async () => {
    const queue = await newQueue();
    await queue.send('m');
    const message = await queue.receiveOne();
    await queue.delete(message);
    await queue.delete(message);
    await expect(queue.hide(message, 10)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  test('whose time-out has passed deletes as long as nobody received the message', async () => {
    const queue = await newQueue();
    await queue.send('m');
    const message = await queue.receiveOne({ VisibilityTimeout: 0 });
    await expect(queue.hide(message, 10)).rejects.toMatchObject({ name: 'MessageNotInflight' });
    await queue.delete(message);
    expect(await queue.counts()).toEqual([0, 0, 0]);
  });
});

const inBatch = (bodies: readonly string[]) =>
  bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody }));

describe('a batch', () => {
  test('does each entry by itself', async () => {
    const queue = await newQueue();
    const sent = await cloud.sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: queue.url,
        Entries: [...inBatch(['a', 'b']), { Id: 'bad', MessageBody: '\u0001' }],
      }),
    );
    expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['0', '1']);
    expect(sent.Failed).toMatchObject([
      { Id: 'bad', Code: 'InvalidMessageContents', SenderFault: true },
    ]);
    const messages = await queue.receive({ MaxNumberOfMessages: 10 });
    expect(messages.map(({ Body }) => Body)).toEqual(['a', 'b']);
    const entries = (more: object) => [
      { Id: 'a', ReceiptHandle: messages[0]?.ReceiptHandle, ...more },
      { Id: 'x', ReceiptHandle: 'nonsense', ...more },
    ];
    const hidden = await cloud.sqs.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl: queue.url,
        Entries: entries({ VisibilityTimeout: 99 }),
      }),
    );
    const deleted = await cloud.sqs.send(
      new DeleteMessageBatchCommand({ QueueUrl: queue.url, Entries: entries({}) }),
    );
    for (const outcome of [hidden, deleted]) {
      expect(outcome.Successful).toEqual([{ Id: 'a' }]);
      expect(outcome.Failed).toMatchObject([{ Id: 'x', Code: 'ReceiptHandleIsInvalid' }]);
    }
    expect(await queue.counts()).toEqual([0, 1, 0]);
  });

  test.each([
    ['is empty', [], 'EmptyBatchRequest'],
    ['has eleven entries', inBatch([...'abcdefghijk']), 'TooManyEntriesInBatchRequest'],
    ['has an id twice', [...inBatch(['a']), ...inBatch(['a'])], 'BatchEntryIdsNotDistinct'],
    ['has a bad id', [{ Id: 'a b', MessageBody: 'm' }], 'InvalidBatchEntryId'],
    ['is over 1 MiB', inBatch(['x'.repeat(600_000), 'x'.repeat(600_000)]), 'BatchRequestTooLong'],
  ])('that %s is refused', async (_what, Entries, name) => {
    const queue = await newQueue();
    await expect(
      cloud.sqs.send(new SendMessageBatchCommand({ QueueUrl: queue.url, Entries })),
    ).rejects.toMatchObject({ name });
  });
});
