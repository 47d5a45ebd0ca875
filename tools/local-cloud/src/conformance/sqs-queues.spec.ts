import {
  AddPermissionCommand,
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  TagQueueCommand,
  UntagQueueCommand,
  type CreateQueueCommandInput,
} from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';

import { uniqueName, withLocalCloud } from './clients.ts';

const cloud = withLocalCloud();

async function create(parameters: Partial<CreateQueueCommandInput> = {}): Promise<string> {
  const { QueueUrl = '' } = await cloud.sqs.send(
    new CreateQueueCommand({ QueueName: uniqueName('queue'), ...parameters }),
  );
  return QueueUrl;
}

async function attributes(QueueUrl: string): Promise<Record<string, string>> {
  const { Attributes = {} } = await cloud.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
  );
  return Attributes;
}

// docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
describe('CreateQueue', () => {
  test('gives a URL on this server, which GetQueueUrl finds', async () => {
    const QueueName = uniqueName('queue');
    const url = await create({ QueueName });
    expect(url).toBe(`${cloud.cloud.endpoint}/000000000000/${QueueName}`);
    const found = await cloud.sqs.send(new GetQueueUrlCommand({ QueueName }));
    expect(found.QueueUrl).toBe(url);
  });

  test('gives the same queue for the same name and attributes', async () => {
    const parameters = { QueueName: uniqueName('queue'), Attributes: { VisibilityTimeout: '7' } };
    expect(await create(parameters)).toBe(await create(parameters));
    expect(await create({ QueueName: parameters.QueueName })).toBe(await create(parameters));
  });

  test('refuses a name whose queue has other attributes', async () => {
    const QueueName = uniqueName('queue');
    await create({ QueueName });
    await expect(
      create({ QueueName, Attributes: { VisibilityTimeout: '7' } }),
    ).rejects.toMatchObject({ name: 'QueueNameExists' });
  });

  // docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html
  test('refuses a name for 60 seconds after its queue was deleted', async () => {
    const QueueName = uniqueName('queue');
    const QueueUrl = await create({ QueueName });
    await cloud.sqs.send(new DeleteQueueCommand({ QueueUrl }));
    await expect(create({ QueueName })).rejects.toMatchObject({ name: 'QueueDeletedRecently' });
    await expect(attributes(QueueUrl)).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  });

  test.each<[string, Partial<CreateQueueCommandInput>, string]>([
    ['a name with a space', { QueueName: 'a b' }, 'InvalidParameterValue'],
    ['a name of 81 characters', { QueueName: 'a'.repeat(81) }, 'InvalidParameterValue'],
    ['a FIFO queue without .fifo', { Attributes: { FifoQueue: 'true' } }, 'InvalidParameterValue'],
    ['.fifo without FifoQueue', { QueueName: 'a.fifo' }, 'InvalidParameterValue'],
    ['a value out of range', { Attributes: { DelaySeconds: '901' } }, 'InvalidAttributeValue'],
    [
      'an attribute of FIFO queues on another',
      { Attributes: { ContentBasedDeduplication: 'true' } },
      'InvalidAttributeName',
    ],
    [
      'a dead-letter queue that does not exist',
      {
        Attributes: {
          RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:a:b:none","maxReceiveCount":1}',
        },
      },
      'InvalidParameterValue',
    ],
  ])('refuses %s', async (_what, parameters, name) => {
    await expect(create(parameters)).rejects.toMatchObject({ name });
  });
});

test('a queue shows its attributes, and they can be changed', async () => {
  const QueueUrl = await create({ Attributes: { VisibilityTimeout: '7' } });
  expect(await attributes(QueueUrl)).toMatchObject({
    QueueArn: `arn:aws:sqs:us-east-1:000000000000:${QueueUrl.split('/').at(-1)}`,
    VisibilityTimeout: '7',
    DelaySeconds: '0',
    MaximumMessageSize: '1048576',
    MessageRetentionPeriod: '345600',
    ApproximateNumberOfMessages: '0',
  });
  await cloud.sqs.send(
    new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '9' } }),
  );
  const { Attributes } = await cloud.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['VisibilityTimeout'] }),
  );
  expect(Attributes).toEqual({ VisibilityTimeout: '9' });
});

test('queues are listed by prefix, in pages', async () => {
  const prefix = uniqueName('listed');
  const urls = [];
  for (const letter of ['a', 'b', 'c'])
    urls.push(await create({ QueueName: `${prefix}-${letter}` }));
  const all = await cloud.sqs.send(new ListQueuesCommand({ QueueNamePrefix: prefix }));
  expect(all.QueueUrls).toEqual(urls);
  const page = { QueueNamePrefix: prefix, MaxResults: 2 };
  const first = await cloud.sqs.send(new ListQueuesCommand(page));
  const second = await cloud.sqs.send(
    new ListQueuesCommand({ ...page, NextToken: first.NextToken }),
  );
  expect([first.QueueUrls, second.QueueUrls]).toEqual([urls.slice(0, 2), urls.slice(2)]);
  expect(second.NextToken).toBeUndefined();
});

test('a queue has tags', async () => {
  const QueueUrl = await create({ tags: { a: '1', b: '2' } });
  await cloud.sqs.send(new TagQueueCommand({ QueueUrl, Tags: { b: '3', c: '4' } }));
  await cloud.sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ['a'] }));
  const { Tags } = await cloud.sqs.send(new ListQueueTagsCommand({ QueueUrl }));
  expect(Tags).toEqual({ b: '3', c: '4' });
});

test('a purge takes every message', async () => {
  const QueueUrl = await create();
  await cloud.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
  await cloud.sqs.send(new PurgeQueueCommand({ QueueUrl }));
  expect((await attributes(QueueUrl))['ApproximateNumberOfMessages']).toBe('0');
});

test('errors carry the code of the older query protocol too', async () => {
  await expect(attributes(`${cloud.cloud.endpoint}/000000000000/none`)).rejects.toMatchObject({
    name: 'QueueDoesNotExist',
    Code: 'AWS.SimpleQueueService.NonExistentQueue',
    $metadata: { httpStatusCode: 400 },
  });
});

test('what is not served answers 501 and says so', async () => {
  const QueueUrl = await create();
  const permission = { QueueUrl, Label: 'a', AWSAccountIds: ['1'], Actions: ['*'] };
  await expect(cloud.sqs.send(new AddPermissionCommand(permission))).rejects.toMatchObject({
    name: 'NotImplemented',
    message: 'The SQS action AddPermission is not served by local-cloud.',
    $metadata: { httpStatusCode: 501 },
  });
  await expect(create({ Attributes: { KmsMasterKeyId: 'alias/aws/sqs' } })).rejects.toMatchObject({
    name: 'NotImplemented',
  });
});
