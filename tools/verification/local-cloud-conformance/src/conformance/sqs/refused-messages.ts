import type { SendMessageCommandInput } from '@aws-sdk/client-sqs';

import { createQueue } from '@labelfleet/testkit/test-queue';
import { refusals, type Table } from '../case.ts';
import { sqsApi } from '../sources.ts';

const MIB = 1_048_576;
const x = { DataType: 'String', StringValue: 'x' };
const body = (MessageBody: string) => ({ MessageBody });
const attributes = (...names: string[]) => ({
  MessageAttributes: Object.fromEntries(names.map((name) => [name, x])),
});

export const refusedMessagesTable: Table = {
  title: 'a message that SQS does not take:',
  cases: refusals(
    {
      prefix: 'sqs-send-refuses',
      sentence: (what) => `one ${what}`,
      source: sqsApi('SendMessage'),
      call: async ({ sqs }, message: Partial<SendMessageCommandInput>) =>
        (await createQueue(sqs)).send('m', message),
    },
    [
      ['size', 'with more than 1 MiB', body('x'.repeat(MIB + 1)), 'InvalidParameterValue'],
      [
        'size-attributes',
        'with more than 1 MiB, attributes included',
        { ...body('x'.repeat(MIB - 9)), ...attributes('abc') }, // abc, String and x are 10 bytes
        'InvalidParameterValue',
      ],
      ['empty', 'that is empty', body(''), 'MissingParameter'],
      ['characters', 'with characters that XML has not', body('\u0001'), 'InvalidMessageContents'],
      ['delay', 'delayed by 901 s', { DelaySeconds: 901 }, 'InvalidParameterValue'],
      [
        'attribute',
        'with an attribute without a value',
        { MessageAttributes: { a: { DataType: 'String' } } },
        'InvalidParameterValue',
      ],
      [
        'attributes',
        'with eleven attributes',
        attributes(...'abcdefghijk'),
        'InvalidParameterValue',
      ],
      [
        'deduplication',
        'with a deduplication id on a standard queue',
        { MessageDeduplicationId: '1' },
        'InvalidParameterValue',
      ],
    ],
  ),
};
