import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
} from '@aws-sdk/client-sqs';
import { expect } from 'vitest';

import { createQueue } from '@labelfleet/testkit/test-queue';
import { refusals, withQueue, type Table } from '../case.ts';
import { sqsApi } from '../sources.ts';

const inBatch = (...bodies: string[]): SendMessageBatchRequestEntry[] =>
  bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody }));

const LARGE = 'x'.repeat(600_000);

export const batchesTable: Table = {
  title: 'a batch',
  cases: [
    ...withQueue()({
      id: 'sqs-batch-entries',
      sentence: 'processes each entry separately and reports the outcome of each',
      source: sqsApi('DeleteMessageBatch'),
      needs: ['exact'],
      run: async ({ sqs, queue }) => {
        const QueueUrl = queue.url;
        const sent = await sqs.send(
          new SendMessageBatchCommand({
            QueueUrl,
            Entries: [...inBatch('a', 'b'), { Id: 'bad', MessageBody: '\u0001' }],
          }),
        );
        expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['0', '1']);
        expect(sent.Failed).toMatchObject([
          { Id: 'bad', Code: 'InvalidMessageContents', SenderFault: true },
        ]);
        const messages = await queue.receive({ MaxNumberOfMessages: 10 });
        expect(messages.map(({ Body }) => Body)).toEqual(['a', 'b']);
        const Entries = [
          { Id: 'a', ReceiptHandle: messages[0]?.ReceiptHandle, VisibilityTimeout: 99 },
          { Id: 'x', ReceiptHandle: 'nonsense', VisibilityTimeout: 99 },
        ];
        for (const outcome of [
          await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries })),
          await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries })),
        ]) {
          expect(outcome.Successful).toEqual([{ Id: 'a' }]);
          expect(outcome.Failed).toMatchObject([{ Id: 'x', Code: 'ReceiptHandleIsInvalid' }]);
        }
        expect(await queue.counts()).toEqual([0, 1, 0]);
      },
    }),
    ...refusals(
      {
        prefix: 'sqs-batch-refuses',
        sentence: (what) => `that ${what} is refused`,
        source: sqsApi('SendMessageBatch'),
        call: async ({ sqs }, Entries: SendMessageBatchRequestEntry[]) => {
          const { url: QueueUrl } = await createQueue(sqs);
          return sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
        },
      },
      [
        ['empty', 'is empty', [], 'EmptyBatchRequest'],
        ['eleven', 'has eleven entries', inBatch(...'abcdefghijk'), 'TooManyEntriesInBatchRequest'],
        [
          'repeated-id',
          'has an id twice',
          [...inBatch('a'), ...inBatch('a')],
          'BatchEntryIdsNotDistinct',
        ],
        ['bad-id', 'has a bad id', [{ Id: 'a b', MessageBody: 'm' }], 'InvalidBatchEntryId'],
        ['size', 'is over 1 MiB', inBatch(LARGE, LARGE), 'BatchRequestTooLong'],
      ],
    ),
  ],
};
