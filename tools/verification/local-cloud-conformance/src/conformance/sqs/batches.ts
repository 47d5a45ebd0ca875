import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
} from '@aws-sdk/client-sqs';
import { expect } from 'vitest';

import type { Case, Table } from '../case.ts';
import { sqsApi } from '../sources.ts';
import { createQueue } from '../test-queue.ts';

const inBatch = (bodies: readonly string[]) =>
  bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody }));

const LARGE = 'x'.repeat(600_000);

const REFUSED: readonly [
  id: string,
  what: string,
  entries: SendMessageBatchRequestEntry[],
  name: string,
][] = [
  ['empty', 'is empty', [], 'EmptyBatchRequest'],
  ['eleven', 'has eleven entries', inBatch([...'abcdefghijk']), 'TooManyEntriesInBatchRequest'],
  [
    'repeated-id',
    'has an id twice',
    [...inBatch(['a']), ...inBatch(['a'])],
    'BatchEntryIdsNotDistinct',
  ],
  ['bad-id', 'has a bad id', [{ Id: 'a b', MessageBody: 'm' }], 'InvalidBatchEntryId'],
  ['size', 'is over 1 MiB', inBatch([LARGE, LARGE]), 'BatchRequestTooLong'],
];

const refusals = REFUSED.map(([id, what, Entries, name]): Case => ({
  id: `sqs-batch-refuses-${id}`,
  sentence: `that ${what} is refused`,
  source: sqsApi('SendMessageBatch'),
  run: async ({ sqs }) => {
    const { url: QueueUrl } = await createQueue(sqs);
    const batch = new SendMessageBatchCommand({ QueueUrl, Entries });
    await expect(sqs.send(batch)).rejects.toMatchObject({ name });
  },
}));

export const batchesTable: Table = {
  title: 'a batch',
  cases: [
    {
      id: 'sqs-batch-entries',
      sentence: 'processes each entry separately and reports the outcome of each',
      source: sqsApi('DeleteMessageBatch'),
      needs: ['exact'],
      run: async ({ sqs }) => {
        const queue = await createQueue(sqs);
        const QueueUrl = queue.url;
        const sent = await sqs.send(
          new SendMessageBatchCommand({
            QueueUrl,
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
        const hidden = await sqs.send(
          new ChangeMessageVisibilityBatchCommand({
            QueueUrl,
            Entries: entries({ VisibilityTimeout: 99 }),
          }),
        );
        const deleted = await sqs.send(
          new DeleteMessageBatchCommand({ QueueUrl, Entries: entries({}) }),
        );
        for (const outcome of [hidden, deleted]) {
          expect(outcome.Successful).toEqual([{ Id: 'a' }]);
          expect(outcome.Failed).toMatchObject([{ Id: 'x', Code: 'ReceiptHandleIsInvalid' }]);
        }
        expect(await queue.counts()).toEqual([0, 1, 0]);
      },
    },
    ...refusals,
  ],
};
