import {
  CreateBucketCommand,
  GetObjectAclCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';

import { uniqueName } from '@labelfleet/testkit/aws-clients';
import { expectError, expectStatus } from '@labelfleet/testkit/expect-error';
import { withBucket, type Table } from '../case.ts';
import { s3Api, s3Guide } from '../sources.ts';

export const bucketsTable: Table = {
  title: 'a bucket',
  cases: withBucket(
    {
      id: 's3-bucket',
      sentence: 'is made (again, too), found, listed and, when it is empty, deleted',
      source: s3Api('API_CreateBucket'),
      run: async ({ s3, bucket }) => {
        const named = { Bucket: bucket.name };
        await s3.send(new CreateBucketCommand(named));
        await s3.send(new HeadBucketCommand(named));
        const { Buckets } = await s3.send(new ListBucketsCommand({}));
        expect(Buckets?.map(({ Name }) => Name)).toContain(bucket.name);
        await bucket.put('k');
        await expectError(bucket.drop(), 'BucketNotEmpty', 409);
        await bucket.remove('k');
        await bucket.drop();
        await expectStatus(s3.send(new HeadBucketCommand(named)), 404);
      },
    },
    {
      id: 's3-bucket-missing',
      sentence:
        'that is not there is NoSuchBucket, also for a large body, and the connection lives',
      source: s3Api('ErrorResponses'),
      run: async ({ bucket }) => {
        const missing = { Bucket: uniqueName('missing') };
        const put = bucket.put('k', { ...missing, Body: Buffer.alloc(3_000_000) });
        await expectError(put, 'NoSuchBucket');
        await bucket.put(uniqueName('after'));
      },
    },
    {
      id: 's3-bucket-name',
      sentence: 'has a name that S3 allows',
      source: s3Guide('bucketnamingrules'),
      run: async ({ s3 }) => {
        for (const Bucket of ['Not_A_Name', 'a..b', '192.168.0.1', 'xn--abc', 'abc-s3alias']) {
          await expectError(s3.send(new CreateBucketCommand({ Bucket })), 'InvalidBucketName', 400);
        }
      },
    },
    {
      id: 's3-not-served',
      sentence: 'answers 501 to what is not served, and says so',
      needs: ['local'],
      run: async ({ s3, bucket }) => {
        const notServed = (call: Promise<unknown>, what: string) =>
          expectError(call, 'NotImplemented', 501, `The ${what} is not served by local-cloud.`);
        const acl = new GetObjectAclCommand({ Bucket: bucket.name, Key: 'k' });
        await notServed(s3.send(acl), 'S3 parameter acl on this call');
        await notServed(bucket.put('k', { ACL: 'public-read' }), 'header x-amz-acl: public-read');
        await notServed(bucket.put('k', { Tagging: 'a=b' }), 'header x-amz-tagging');
      },
    },
    {
      id: 's3-request-id',
      sentence: 'has two names for each answer, also for errors',
      source: s3Api('RESTCommonResponseHeaders'),
      run: async ({ bucket }) => {
        const { $metadata: first } = await bucket.put('k');
        const { $metadata: second } = await bucket.get('none').catch((error: unknown) => {
          if (error instanceof S3ServiceException) return error;
          throw error;
        });
        for (const { requestId, extendedRequestId } of [first, second]) {
          expect(requestId).toMatch(/^[0-9A-Z]{16}$/);
          expect(extendedRequestId).toBeTypeOf('string');
        }
        expect(first.requestId).not.toBe(second.requestId);
      },
    },
    {
      id: 's3-unsigned',
      sentence: 'is closed to a call that is not signed',
      needs: ['local'],
      run: async ({ bucket, endpoint }) => {
        expect((await fetch(`${endpoint}/${bucket.name}`)).status).toBe(403);
      },
    },
  ),
};
