import {
  AddPermissionCommand,
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  SendMessageCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SetQueueAttributesCommand,
  TagQueueCommand,
  UntagQueueCommand,
  type SQSServiceException,
} from '@aws-sdk/client-sqs';
import { expect } from 'vitest';

import type { Table } from '../case.ts';
import { uniqueName } from '../clients.ts';
import { sqsApi, sqsGuide } from '../sources.ts';
import { createQueue } from '../test-queue.ts';

export const queuesTable: Table = {
  title: 'a queue',
  cases: [
    {
      id: 'sqs-attributes',
      sentence: 'shows its attributes, and they can be changed',
      source: sqsApi('GetQueueAttributes'),
      needs: ['exact'],
      run: async ({ sqs }) => {
        const { url: QueueUrl } = await createQueue(sqs, { VisibilityTimeout: '7' });
        const shown = async (AttributeNames: ('All' | 'VisibilityTimeout')[]) =>
          (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }))).Attributes;
        expect(await shown(['All'])).toMatchObject({
          QueueArn: expect.stringMatching(`:${QueueUrl.split('/').at(-1)}$`) as string,
          VisibilityTimeout: '7',
          DelaySeconds: '0',
          MaximumMessageSize: '1048576',
          MessageRetentionPeriod: '345600',
          ReceiveMessageWaitTimeSeconds: '0',
          ApproximateNumberOfMessages: '0',
        });
        await sqs.send(
          new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '9' } }),
        );
        expect(await shown(['VisibilityTimeout'])).toEqual({ VisibilityTimeout: '9' });
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
      run: async ({ sqs }) => {
        const queue = await createQueue(sqs);
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
      run: async ({ sqs }) => {
        const { url } = await createQueue(sqs);
        const QueueUrl = url.replace(/[^/]*$/, uniqueName('none'));
        await expect(
          sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'm' })),
        ).rejects.toMatchObject({
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
      run: async ({ sqs }) => {
        const { url: QueueUrl } = await createQueue(sqs);
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
      run: async ({ sqs }) => {
        const { url: QueueUrl } = await createQueue(sqs);
        const ids = [
          (await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).$metadata.requestId,
          (await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).$metadata.requestId,
          await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '' })).then(
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
      run: async ({ sqs }) => {
        const { url: QueueUrl } = await createQueue(sqs);
        const permission = { QueueUrl, Label: 'a', AWSAccountIds: ['1'], Actions: ['*'] };
        await expect(sqs.send(new AddPermissionCommand(permission))).rejects.toMatchObject({
          name: 'NotImplemented',
          message: 'The SQS action AddPermission is not served by local-cloud.',
          $metadata: { httpStatusCode: 501 },
        });
        await expect(createQueue(sqs, { KmsMasterKeyId: 'alias/aws/sqs' })).rejects.toMatchObject({
          name: 'NotImplemented',
        });
      },
    },
  ],
};
