import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { expect } from 'vitest';

import { uniqueName, type AwsClients } from '@labelfleet/testkit/aws-clients';
import { expectError, expectStatus } from '@labelfleet/testkit/expect-error';
import { launchOne } from '@labelfleet/testkit/test-instances';
import { accessKeyOf } from '@labelfleet/testkit/worker-processes';
import { startingWith, type Table } from '../case.ts';
import { iamGuide, s3Api, s3Guide, sqsGuide } from '../sources.ts';
import { as } from './callers.ts';

const LOGIC = iamGuide('reference_policies_evaluation-logic');
const SQS = sqsGuide('sqs-api-permissions-reference');
const because = (action: string) => `no identity-based policy allows the ${action} action`;
const says = (...parts: string[]) => expect.stringMatching(parts.join('.*')) as unknown;

const createQueue = async ({ sqs }: AwsClients, prefix: string, tags?: Record<string, string>) => {
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: uniqueName(prefix), ...(tags && { tags }) }),
  );
  return QueueUrl;
};
const send = (QueueUrl: string | undefined) => (clients: AwsClients) =>
  clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }));

/** Cases that start with a bucket that has the object `read/a`. */
const withObject = startingWith(async ({ s3 }) => {
  const Bucket = uniqueName('iam');
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key: 'read/a', Body: 'a' }));
  const get = (Key: string) => (clients: AwsClients) =>
    clients.s3.send(new GetObjectCommand({ Bucket, Key }));
  return { Bucket, get };
});

export const policiesTable: Table = {
  title: 'a policy',
  cases: [
    {
      id: 'iam-implicit-deny',
      sentence: 'denies what no statement allows, and names it',
      source: LOGIC,
      needs: ['local'],
      run: async (clients) => {
        const queue = await createQueue(clients, 'other');
        await expectError(
          as(clients, 'sender', send(queue)),
          'AccessDenied',
          403,
          says(
            'not authorized to perform: sqs:SendMessage on resource: arn:aws:sqs:us-east-1:',
            because('sqs:SendMessage'),
          ),
        );
      },
    },
    {
      id: 'iam-explicit-deny',
      sentence: 'denies by a Deny what it allows elsewhere',
      source: LOGIC,
      needs: ['local'],
      run: async (clients) => {
        const allowed = await createQueue(clients, 'iam-allowed');
        await as(clients, 'sender', send(allowed));
        const denied = await createQueue(clients, 'iam-denied');
        await expectError(
          as(clients, 'sender', send(denied)),
          'AccessDenied',
          403,
          says('with an explicit deny in an identity-based policy'),
        );
      },
    },
    {
      id: 'iam-unknown-caller',
      sentence: 'is needed by every caller',
      needs: ['local'],
      run: async (clients) => {
        const queue = await createQueue(clients, 'iam-allowed');
        await expectError(as(clients, 'nobody', send(queue)), 'AccessDenied', 403);
      },
    },
    {
      id: 'iam-sqs-batch',
      sentence: 'allows a batch by the action of its entries',
      source: SQS,
      needs: ['local'],
      run: async (clients) => {
        const QueueUrl = await createQueue(clients, 'iam-allowed');
        const Entries = [{ Id: 'a', MessageBody: 'a' }];
        await as(clients, 'sender', ({ sqs }) =>
          sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries })),
        );
      },
    },
    {
      id: 'iam-sqs-tags',
      sentence: 'must allow TagQueue for a queue that is created with tags',
      source: sqsGuide('sqs-queue-tags'),
      needs: ['local'],
      run: async (clients) => {
        await as(clients, 'sender', (sender) => createQueue(sender, 'iam-new'));
        const tagged = as(clients, 'sender', (sender) =>
          createQueue(sender, 'iam-new', { a: '1' }),
        );
        await expectError(tagged, 'AccessDenied', 403, says(because('sqs:TagQueue')));
      },
    },
    ...withObject(
      {
        id: 'iam-s3-missing',
        sentence: 'that does not allow ListBucket makes a missing object 403 instead of 404',
        source: s3Api('API_GetObject'),
        needs: ['local'],
        run: async ({ Bucket, get, ...clients }) => {
          await as(clients, 'reader', get('read/a'));
          const hidden = as(clients, 'reader', get('read/missing'));
          await expectError(hidden, 'AccessDenied', 403, says(because('s3:ListBucket')));
          await expectError(as(clients, 'lister', get('read/missing')), 'NoSuchKey', 404);
          await expectError(as(clients, 'lister', get('other')), 'AccessDenied', 403);
          const head = ({ s3 }: AwsClients) =>
            s3.send(new HeadObjectCommand({ Bucket, Key: 'read/missing' }));
          await expectStatus(as(clients, 'reader', head), 403);
          await expectStatus(as(clients, 'lister', head), 404);
        },
      },
      {
        id: 'iam-s3-delete-objects',
        sentence: 'is asked for each object of a DeleteObjects',
        source: s3Api('API_DeleteObjects'),
        needs: ['local'],
        run: async ({ Bucket, ...clients }) => {
          const Delete = { Objects: [{ Key: 'read/a' }, { Key: 'other' }] };
          const { Deleted, Errors } = await as(clients, 'deleter', ({ s3 }) =>
            s3.send(new DeleteObjectsCommand({ Bucket, Delete })),
          );
          expect(Deleted).toMatchObject([{ Key: 'read/a' }]);
          expect(Errors).toMatchObject([{ Key: 'other', Code: 'AccessDenied' }]);
        },
      },
      {
        id: 'iam-s3-copy',
        sentence: 'must allow GetObject on the source of a copy',
        source: s3Guide('using-with-s3-policy-actions'),
        needs: ['local'],
        run: async ({ Bucket, ...clients }) => {
          const copy = (key: string) =>
            as(clients, 'copier', ({ s3 }) =>
              s3.send(
                new CopyObjectCommand({ Bucket, Key: 'copies/a', CopySource: `${Bucket}/${key}` }),
              ),
            );
          await copy('read/a');
          const other = copy('other/a');
          await expectError(other, 'AccessDenied', 403, says(because('s3:GetObject')));
        },
      },
      {
        id: 'iam-instance',
        sentence: 'of its profile holds for what an instance does',
        source: iamGuide('id_roles_use_switch-role-ec2'),
        needs: ['local'],
        run: async ({ get, ...clients }) => {
          const reading = await launchOne(clients, { IamInstanceProfile: { Name: 'reading' } });
          await as(clients, accessKeyOf(reading), get('read/a'));
          await expectError(as(clients, accessKeyOf(reading), get('other')), 'AccessDenied', 403);
          const other = await launchOne(clients, { IamInstanceProfile: { Name: 'other' } });
          await expectError(as(clients, accessKeyOf(other), get('read/a')), 'AccessDenied', 403);
        },
      },
    ),
  ],
};
