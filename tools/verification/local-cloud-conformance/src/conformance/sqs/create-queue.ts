import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueUrlCommand,
  SendMessageCommand,
  type CreateQueueCommandInput,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { expect } from 'vitest';

import { uniqueName } from '@labelfleet/testkit/aws-clients';
import { expectError } from '@labelfleet/testkit/expect-error';
import { refusals, startingWith, type Table } from '../case.ts';
import { sqsApi } from '../sources.ts';

async function create(
  sqs: SQSClient,
  parameters: Partial<CreateQueueCommandInput> = {},
): Promise<string> {
  const { QueueUrl = '' } = await sqs.send(
    new CreateQueueCommand({ QueueName: uniqueName('queue'), ...parameters }),
  );
  return QueueUrl;
}

/** Cases that each start with a queue with this name and this URL. */
const withNamed = startingWith(async ({ sqs }) => {
  const QueueName = uniqueName('queue');
  return { QueueName, QueueUrl: await create(sqs, { QueueName }) };
});

const NO_QUEUE =
  '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:none","maxReceiveCount":1}';
const attribute = (name: string, value: string) => ({ Attributes: { [name]: value } });

export const createQueueTable: Table = {
  title: 'CreateQueue',
  cases: [
    ...withNamed(
      {
        id: 'sqs-queue-url',
        sentence: 'gives a URL, which GetQueueUrl finds',
        source: sqsApi('GetQueueUrl'),
        run: async ({ sqs, QueueName, QueueUrl }) => {
          expect(QueueUrl.endsWith(`/${QueueName}`)).toBe(true);
          const found = await sqs.send(new GetQueueUrlCommand({ QueueName }));
          expect(found.QueueUrl).toBe(QueueUrl);
        },
      },
      {
        id: 'sqs-queue-url-address',
        sentence: 'gives a URL with the address of this server, by number',
        needs: ['local'],
        run: async ({ QueueUrl, endpoint }) => {
          expect(QueueUrl).toContain(`${endpoint}/000000000000/`);
        },
      },
      {
        id: 'sqs-create-idempotent',
        sentence: 'gives the same queue for the same name and attributes',
        source: sqsApi('CreateQueue'),
        run: async ({ sqs }) => {
          const QueueName = uniqueName('queue');
          const parameters = { QueueName, ...attribute('VisibilityTimeout', '7') };
          const url = await create(sqs, parameters);
          expect(await create(sqs, parameters)).toBe(url);
          expect(await create(sqs, { QueueName })).toBe(url);
        },
      },
      {
        id: 'sqs-create-compares',
        sentence: 'refuses a name whose queue has other attributes',
        source: sqsApi('CreateQueue'),
        run: async ({ sqs, QueueName }) => {
          const other = { QueueName, ...attribute('VisibilityTimeout', '7') };
          await expectError(create(sqs, other), 'QueueNameExists');
        },
      },
      {
        id: 'sqs-deleted-recently',
        sentence: 'refuses a name for 60 seconds after its queue was deleted',
        source: sqsApi('DeleteQueue'),
        needs: ['exact'],
        run: async ({ sqs, QueueName, QueueUrl }) => {
          await sqs.send(new DeleteQueueCommand({ QueueUrl }));
          await expectError(create(sqs, { QueueName }), 'QueueDeletedRecently');
          const send = sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'm' }));
          await expectError(send, 'QueueDoesNotExist');
        },
      },
    ),
    ...refusals(
      {
        prefix: 'sqs-create-refuses',
        sentence: (what) => `refuses ${what}`,
        source: sqsApi('CreateQueue'),
        call: ({ sqs }, parameters: Partial<CreateQueueCommandInput>) => create(sqs, parameters),
      },
      [
        ['space', 'a name with a space', { QueueName: 'a b' }, 'InvalidParameterValue'],
        ['long', 'a name of 81 characters', { QueueName: 'a'.repeat(81) }, 'InvalidParameterValue'],
        [
          'fifo-suffix',
          'a FIFO queue whose name does not end with .fifo',
          attribute('FifoQueue', 'true'),
          'InvalidParameterValue',
        ],
        [
          'fifo-attribute',
          'a name that ends with .fifo without FifoQueue',
          { QueueName: 'a.fifo' },
          'InvalidParameterValue',
        ],
        [
          'range',
          'a value out of range',
          attribute('DelaySeconds', '901'),
          'InvalidAttributeValue',
        ],
        [
          'fifo-only',
          'an attribute of FIFO queues on another',
          attribute('ContentBasedDeduplication', 'true'),
          'InvalidAttributeName',
        ],
        [
          'dead-letter-queue',
          'a dead-letter queue that does not exist',
          attribute('RedrivePolicy', NO_QUEUE),
          'InvalidParameterValue',
        ],
      ],
    ),
  ],
};
