import {
  AddPermissionCommand,
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SetQueueAttributesCommand,
  TagQueueCommand,
  UntagQueueCommand,
  type QueueAttributeName,
  type SQSServiceException,
} from '@aws-sdk/client-sqs';
import { expect } from 'vitest';

import { uniqueName } from '@labelfleet/testkit/aws-clients';
import { expectError } from '@labelfleet/testkit/expect-error';
import { createQueue } from '@labelfleet/testkit/test-queue';
import { withQueue, type Table } from '../case.ts';
import { sqsApi, sqsGuide } from '../sources.ts';

export const queuesTable: Table = {
  title: 'a queue',
  cases: withQueue({ VisibilityTimeout: '7' })(
    {
      id: 'sqs-attributes',
      sentence: 'shows its attributes, and they can be changed',
      source: sqsApi('GetQueueAttributes'),
      needs: ['exact'],
      run: async ({ sqs, queue: { url: QueueUrl, name } }) => {
        const shown = async (...AttributeNames: QueueAttributeName[]) =>
          (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }))).Attributes;
        expect(await shown('All')).toMatchObject({
          QueueArn: expect.stringMatching(`:${name}$`) as string,
          VisibilityTimeout: '7',
          DelaySeconds: '0',
          MaximumMessageSize: '1048576',
          MessageRetentionPeriod: '345600',
          ReceiveMessageWaitTimeSeconds: '0',
          ApproximateNumberOfMessages: '0',
        });
        const Attributes = { VisibilityTimeout: '9' };
        await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
        expect(await shown('VisibilityTimeout')).toEqual(Attributes);
      },
    },
    {
      id: 'sqs-list',
      sentence: 'is listed by the beginning of its name, in pages',
      source: sqsApi('ListQueues'),
      needs: ['exact'],
      run: async ({ sqs }) => {
        const QueueNamePrefix = uniqueName('listed');
        const urls: (string | undefined)[] = [];
        for (const letter of ['a', 'b', 'c']) {
          const QueueName = `${QueueNamePrefix}-${letter}`;
          urls.push((await sqs.send(new CreateQueueCommand({ QueueName }))).QueueUrl);
        }
        const list = (page: { MaxResults?: number; NextToken?: string | undefined }) =>
          sqs.send(new ListQueuesCommand({ QueueNamePrefix, ...page }));
        expect((await list({})).QueueUrls).toEqual(urls);
        const first = await list({ MaxResults: 2 });
        const second = await list({ MaxResults: 2, NextToken: first.NextToken });
        expect([first.QueueUrls, second.QueueUrls]).toEqual([urls.slice(0, 2), urls.slice(2)]);
        expect(second.NextToken).toBeUndefined();
      },
    },
    {
      id: 'sqs-tags',
      sentence: 'has tags',
      source: sqsApi('TagQueue'),
      run: async ({ sqs }) => {
        const { QueueUrl } = await sqs.send(
          new CreateQueueCommand({ QueueName: uniqueName('tags'), tags: { a: '1', b: '2' } }),
        );
        await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { b: '3', c: '4' } }));
        await sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ['a'] }));
        const { Tags } = await sqs.send(new ListQueueTagsCommand({ QueueUrl }));
        expect(Tags).toEqual({ b: '3', c: '4' });
      },
    },
    {
      id: 'sqs-purge',
      sentence: 'loses every message to a purge',
      source: sqsApi('PurgeQueue'),
      needs: ['exact'],
      run: async ({ sqs, queue }) => {
        for (const body of ['a', 'b', 'c']) await queue.send(body);
        await queue.receiveOne();
        await sqs.send(new PurgeQueueCommand({ QueueUrl: queue.url }));
        expect(await queue.counts()).toEqual([0, 0, 0]);
      },
    },
    {
      id: 'sqs-error-codes',
      sentence: 'that does not exist is an error under its old and its new name',
      source: sqsGuide('sqs-api-responses'),
      run: async ({ queue }) => {
        const QueueUrl = queue.url.replace(/[^/]*$/, uniqueName('none'));
        await expect(queue.send('m', { QueueUrl })).rejects.toMatchObject({
          name: 'QueueDoesNotExist',
          Code: 'AWS.SimpleQueueService.NonExistentQueue',
          $metadata: { httpStatusCode: 400 },
        });
      },
    },
    {
      id: 'sqs-empty',
      sentence: 'leaves lists and maps without anything in them out of its answers',
      source: sqsApi('ReceiveMessage'),
      needs: ['exact'],
      run: async ({ sqs, queue: { url: QueueUrl } }) => {
        const Entries = [{ Id: '1', MessageBody: 'm' }];
        const list = new ListQueuesCommand({ QueueNamePrefix: uniqueName('none') });
        for (const [answer, absent] of [
          [await sqs.send(list), 'QueueUrls'],
          [await sqs.send(new ListQueueTagsCommand({ QueueUrl })), 'Tags'],
          [await sqs.send(new ReceiveMessageCommand({ QueueUrl })), 'Messages'],
          [await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries })), 'Failed'],
        ] as const) {
          expect(Object.keys(answer)).not.toContain(absent);
        }
      },
    },
    {
      id: 'sqs-request-id',
      sentence: 'names each of its answers, also those that are errors',
      source: sqsGuide('sqs-api-responses'),
      run: async ({ sqs, queue }) => {
        const tags = new ListQueueTagsCommand({ QueueUrl: queue.url });
        const ids = [
          (await sqs.send(tags)).$metadata.requestId,
          (await sqs.send(tags)).$metadata.requestId,
          await queue.send('').then(
            () => undefined,
            (error: SQSServiceException) => error.$metadata.requestId,
          ),
        ];
        for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
        expect(new Set(ids).size).toBe(3);
      },
    },
    {
      id: 'sqs-not-served',
      sentence: 'answers 501 to what is not served, and says so',
      needs: ['local'],
      run: async ({ sqs, queue: { url: QueueUrl } }) => {
        const permission = { QueueUrl, Label: 'a', AWSAccountIds: ['1'], Actions: ['*'] };
        await expectError(
          sqs.send(new AddPermissionCommand(permission)),
          'NotImplemented',
          501,
          'The SQS action AddPermission is not served by local-cloud.',
        );
        await expectError(createQueue(sqs, { KmsMasterKeyId: 'alias/aws/sqs' }), 'NotImplemented');
      },
    },
  ),
};
