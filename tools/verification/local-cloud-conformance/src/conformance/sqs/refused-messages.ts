import type { SendMessageCommandInput } from '@aws-sdk/client-sqs';
import { expect } from 'vitest';

import type { Case, Table } from '../case.ts';
import { sqsApi } from '../sources.ts';
import { createQueue } from '../test-queue.ts';

const MIB = 1_048_576;
const x = { DataType: 'String', StringValue: 'x' };

const REFUSED: readonly [
  id: string,
  what: string,
  body: string,
  more: Partial<SendMessageCommandInput>,
  name: string,
][] = [
  ['size', 'with more than 1 MiB', 'x'.repeat(MIB + 1), {}, 'InvalidParameterValue'],
  [
    'size-attributes',
    'with more than 1 MiB, attributes included',
    'x'.repeat(MIB - 9), // abc, String and x are 10 bytes
    { MessageAttributes: { abc: x } },
    'InvalidParameterValue',
  ],
  ['empty', 'that is empty', '', {}, 'MissingParameter'],
  ['characters', 'with characters that XML has not', '\u0001', {}, 'InvalidMessageContents'],
  ['delay', 'delayed by 901 s', 'm', { DelaySeconds: 901 }, 'InvalidParameterValue'],
  [
    'attribute',
    'with an attribute without a value',
    'm',
    { MessageAttributes: { a: { DataType: 'String' } } },
    'InvalidParameterValue',
  ],
  [
    'attributes',
    'with eleven attributes',
    'm',
    { MessageAttributes: Object.fromEntries([...'abcdefghijk'].map((name) => [name, x])) },
    'InvalidParameterValue',
  ],
  [
    'deduplication',
    'with a deduplication id on a standard queue',
    'm',
    { MessageDeduplicationId: '1' },
    'InvalidParameterValue',
  ],
];

export const refusedMessagesTable: Table = {
  title: 'a message that SQS does not take:',
  cases: REFUSED.map(([id, what, body, more, name]): Case => ({
    id: `sqs-send-refuses-${id}`,
    sentence: `one ${what}`,
    source: sqsApi('SendMessage'),
    run: async ({ sqs }) => {
      const queue = await createQueue(sqs);
      await expect(queue.send(body, more)).rejects.toMatchObject({ name });
    },
  })),
};
