import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueUrlCommand,
  SendMessageCommand,
  type CreateQueueCommandInput,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { expect } from 'vitest';

import type { Case, Table } from '../case.ts';
import { uniqueName } from '../clients.ts';
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

const NO_QUEUE =
  '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:none","maxReceiveCount":1}';

const REFUSED: readonly [
  id: string,
  what: string,
  parameters: Partial<CreateQueueCommandInput>,
  name: string,
][] = [
  ['space', 'a name with a space', { QueueName: 'a b' }, 'InvalidParameterValue'],
  ['long', 'a name of 81 characters', { QueueName: 'a'.repeat(81) }, 'InvalidParameterValue'],
  [
    'fifo-suffix',
    'a FIFO queue whose name does not end with .fifo',
    { Attributes: { FifoQueue: 'true' } },
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
    { Attributes: { DelaySeconds: '901' } },
    'InvalidAttributeValue',
  ],
  [
    'fifo-only',
    'an attribute of FIFO queues on another',
    { Attributes: { ContentBasedDeduplication: 'true' } },
    'InvalidAttributeName',
  ],
  [
    'dead-letter-queue',
    'a dead-letter queue that does not exist',
    { Attributes: { RedrivePolicy: NO_QUEUE } },
    'InvalidParameterValue',
  ],
];

const refusals = REFUSED.map(([id, what, parameters, name]): Case => ({
  id: `sqs-create-refuses-${id}`,
  sentence: `refuses ${what}`,
  source: sqsApi('CreateQueue'),
  run: async ({ sqs }) => {
    await expect(create(sqs, parameters)).rejects.toMatchObject({ name });
  },
}));

export const createQueueTable: Table = {
  title: 'CreateQueue',
  cases: [
    {
      id: 'sqs-queue-url',
      sentence: 'gives a URL, which GetQueueUrl finds',
      source: sqsApi('GetQueueUrl'),
      run: async ({ sqs }) => {
        const QueueName = uniqueName('queue');
        const url = await create(sqs, { QueueName });
        expect(url.endsWith(`/${QueueName}`)).toBe(true);
        expect((await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl).toBe(url);
      },
    },
    {
      id: 'sqs-queue-url-address',
      sentence: 'gives a URL with the address of this server, by number',
      needs: ['local'],
      run: async ({ sqs, cloud }) => {
        expect(await create(sqs)).toContain(`${cloud.endpoint}/000000000000/`);
      },
    },
    {
      id: 'sqs-create-idempotent',
      sentence: 'gives the same queue for the same name and attributes',
      source: sqsApi('CreateQueue'),
      run: async ({ sqs }) => {
        const QueueName = uniqueName('queue');
        const parameters = { QueueName, Attributes: { VisibilityTimeout: '7' } };
        const url = await create(sqs, parameters);
        expect(await create(sqs, parameters)).toBe(url);
        expect(await create(sqs, { QueueName })).toBe(url);
      },
    },
    {
      id: 'sqs-create-compares',
      sentence: 'refuses a name whose queue has other attributes',
      source: sqsApi('CreateQueue'),
      run: async ({ sqs }) => {
        const QueueName = uniqueName('queue');
        await create(sqs, { QueueName });
        await expect(
          create(sqs, { QueueName, Attributes: { VisibilityTimeout: '7' } }),
        ).rejects.toMatchObject({ name: 'QueueNameExists' });
      },
    },
    {
      id: 'sqs-deleted-recently',
      sentence: 'refuses a name for 60 seconds after its queue was deleted',
      source: sqsApi('DeleteQueue'),
      needs: ['exact'],
      run: async ({ sqs }) => {
        const QueueName = uniqueName('queue');
        const QueueUrl = await create(sqs, { QueueName });
        await sqs.send(new DeleteQueueCommand({ QueueUrl }));
        await expect(create(sqs, { QueueName })).rejects.toMatchObject({
          name: 'QueueDeletedRecently',
        });
        await expect(
          sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'm' })),
        ).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
      },
    },
    ...refusals,
  ],
};
