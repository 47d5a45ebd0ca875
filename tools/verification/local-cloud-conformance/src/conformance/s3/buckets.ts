import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectAclCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';

import type { Table } from '../case.ts';
import { uniqueName } from '../clients.ts';
import { s3Api, s3Guide } from '../sources.ts';
import { createBucket, status } from './test-bucket.ts';

export const bucketsTable: Table = {
  title: 'a bucket',
  cases: [
    {
      id: 's3-bucket',
      sentence: 'is made (again, too), found, listed and, when it is empty, deleted',
      source: s3Api('API_CreateBucket'),
      run: async ({ s3 }) => {
        const name = uniqueName('made');
        await s3.send(new CreateBucketCommand({ Bucket: name }));
        await s3.send(new CreateBucketCommand({ Bucket: name }));
        await s3.send(new HeadBucketCommand({ Bucket: name }));
        const { Buckets } = await s3.send(new ListBucketsCommand({}));
        expect(Buckets?.map(({ Name }) => Name)).toContain(name);
        await s3.send(new PutObjectCommand({ Bucket: name, Key: 'k', Body: 'x' }));
        await expect(s3.send(new DeleteBucketCommand({ Bucket: name }))).rejects.toMatchObject({
          name: 'BucketNotEmpty',
          ...status(409),
        });
        await s3.send(new DeleteObjectCommand({ Bucket: name, Key: 'k' }));
        await s3.send(new DeleteBucketCommand({ Bucket: name }));
        await expect(s3.send(new HeadBucketCommand({ Bucket: name }))).rejects.toMatchObject(
          status(404),
        );
      },
    },
    {
      id: 's3-bucket-missing',
      sentence:
        'that is not there is NoSuchBucket, also for a large body, and the connection lives',
      source: s3Api('ErrorResponses'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const missing = { Bucket: uniqueName('missing') };
        await expect(
          bucket.put('k', { ...missing, Body: Buffer.alloc(3_000_000) }),
        ).rejects.toMatchObject({
          name: 'NoSuchBucket',
        });
        await bucket.put(uniqueName('after'));
      },
    },
    {
      id: 's3-bucket-name',
      sentence: 'has a name that S3 allows',
      source: s3Guide('bucketnamingrules'),
      run: async ({ s3 }) => {
        for (const Bucket of ['Not_A_Name', 'a..b', '192.168.0.1', 'xn--abc', 'abc-s3alias']) {
          await expect(s3.send(new CreateBucketCommand({ Bucket }))).rejects.toMatchObject({
            name: 'InvalidBucketName',
            ...status(400),
          });
        }
      },
    },
    {
      id: 's3-not-served',
      sentence: 'answers 501 to what is not served, and says so',
      needs: ['local'],
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const Key = 'unserved';
        const notImplemented = { name: 'NotImplemented', ...status(501) };
        const acl = new GetObjectAclCommand({ Bucket: bucket.name, Key });
        await expect(s3.send(acl)).rejects.toMatchObject({
          ...notImplemented,
          message: 'The S3 parameter acl on this call is not served by local-cloud.',
        });
        await expect(bucket.put(Key, { ACL: 'public-read' })).rejects.toMatchObject({
          ...notImplemented,
          message: 'The header x-amz-acl: public-read is not served by local-cloud.',
        });
        await expect(bucket.put(Key, { Tagging: 'a=b' })).rejects.toMatchObject(notImplemented);
      },
    },
    {
      id: 's3-request-id',
      sentence: 'has two names for each answer, also for errors',
      source: s3Api('RESTCommonResponseHeaders'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
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
      run: async ({ s3, cloud }) => {
        const bucket = await createBucket(s3);
        expect((await fetch(`${cloud.endpoint}/${bucket.name}`)).status).toBe(403);
      },
    },
  ],
};
