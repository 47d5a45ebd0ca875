import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  type DeleteObjectCommandInput,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';

import type { Case, Table } from '../case.ts';
import { s3Api, s3Guide } from '../sources.ts';
import { createBucket, status } from './test-bucket.ts';

const DIRECTORY_BUCKETS_ONLY: readonly [string, string, Partial<DeleteObjectCommandInput>][] = [
  ['size', 'size', { IfMatchSize: 4 }],
  ['time', 'time', { IfMatchLastModifiedTime: new Date(0) }],
];

export const conditionsTable: Table = {
  title: 'a condition',
  cases: [
    {
      id: 's3-put-once',
      sentence: 'If-None-Match: * writes once',
      source: s3Guide('conditional-writes'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const Key = 'once';
        await bucket.put(Key, { Body: 'first', IfNoneMatch: '*' });
        await expect(bucket.put(Key, { Body: 'second', IfNoneMatch: '*' })).rejects.toMatchObject({
          name: 'PreconditionFailed',
          ...status(412),
        });
        expect(await bucket.text(Key)).toBe('first');
      },
    },
    {
      id: 's3-put-race',
      sentence: 'If-None-Match: * lets one of many writers at once win',
      source: s3Guide('conditional-writes'),
      needs: ['exact'],
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const Key = 'race';
        const outcomes = await Promise.allSettled(
          Array.from({ length: 20 }, (_, index) =>
            bucket.put(Key, { Body: `${index}`, IfNoneMatch: '*' }),
          ),
        );
        const winner = outcomes.findIndex((outcome) => outcome.status === 'fulfilled');
        expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
        expect(await bucket.text(Key)).toBe(String(winner));
      },
    },
    {
      id: 's3-put-match',
      sentence: 'If-Match replaces that object only',
      source: s3Guide('conditional-writes'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const Key = 'swap';
        const { ETag } = await bucket.put(Key, { Body: 'one' });
        await bucket.put(Key, { Body: 'two', IfMatch: ETag });
        await expect(bucket.put(Key, { Body: 'three', IfMatch: ETag })).rejects.toMatchObject({
          name: 'PreconditionFailed',
        });
        await expect(bucket.put('none', { IfMatch: ETag })).rejects.toMatchObject({
          name: 'NoSuchKey',
        });
        expect(await bucket.text(Key)).toBe('two');
      },
    },
    {
      id: 's3-get-conditions',
      sentence: 'on a get is 304 for whom has it, 412 for whom wants another',
      source: s3Api('API_GetObject'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const Key = 'cached';
        const { ETag } = await bucket.put(Key);
        await expect(bucket.get(Key, { IfNoneMatch: ETag })).rejects.toMatchObject(status(304));
        expect(await bucket.text(Key, { IfNoneMatch: '"other"' })).toBe('body');
        expect(await bucket.text(Key, { IfMatch: ETag })).toBe('body');
        await expect(bucket.get(Key, { IfMatch: '"other"' })).rejects.toMatchObject(status(412));
      },
    },
    {
      id: 's3-get-match-any',
      sentence: 'If-Match with *, a list or no quotation marks is met by the object',
      source: s3Api('API_GetObject'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const { ETag = '' } = await bucket.put('k');
        for (const IfMatch of ['*', ETag, ETag.replaceAll('"', ''), `"other", ${ETag}`]) {
          expect(await bucket.text('k', { IfMatch })).toBe('body');
          expect((await bucket.head('k', { IfMatch })).ETag).toBe(ETag);
          await expect(bucket.get('k', { IfNoneMatch: IfMatch })).rejects.toMatchObject(
            status(304),
          );
        }
      },
    },
    {
      id: 's3-get-since',
      sentence: 'by date is 304 for what has not changed since, 412 for what has',
      source: s3Api('API_GetObject'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        await bucket.put('k');
        const { LastModified = new Date(), ETag } = await bucket.get('k');
        const before = new Date(LastModified.getTime() - 60_000);
        const toCome = new Date(LastModified.getTime() + 3_600_000);
        const modifiedSince = (IfModifiedSince: Date) => bucket.text('k', { IfModifiedSince });
        await expect(modifiedSince(LastModified)).rejects.toMatchObject(status(304));
        expect(await modifiedSince(before)).toBe('body');
        expect(await modifiedSince(toCome)).toBe('body');
        expect(await bucket.text('k', { IfUnmodifiedSince: LastModified })).toBe('body');
        await expect(bucket.get('k', { IfUnmodifiedSince: before })).rejects.toMatchObject(
          status(412),
        );
        expect(await bucket.text('k', { IfMatch: ETag, IfUnmodifiedSince: before })).toBe('body');
      },
    },
    {
      id: 's3-put-conditions-refused',
      sentence: 'that S3 does not know on a write is 501, and nothing is written',
      source: s3Guide('conditional-writes'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const { ETag } = await bucket.put('k');
        for (const refused of [
          { IfMatch: '*' },
          { IfNoneMatch: ETag },
          { IfMatch: ETag, IfNoneMatch: '*' },
        ]) {
          await expect(bucket.put('k', { Body: 'other', ...refused })).rejects.toMatchObject({
            name: 'NotImplemented',
            ...status(501),
          });
        }
        expect(await bucket.text('k')).toBe('body');
      },
    },
    {
      id: 's3-delete-match',
      sentence: 'If-Match deletes that object only; * deletes any',
      source: s3Guide('conditional-deletes'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const remove = (Key: string, IfMatch: string | undefined) =>
          s3.send(new DeleteObjectCommand({ Bucket: bucket.name, Key, IfMatch }));
        const { ETag } = await bucket.put('k');
        await expect(remove('k', '"other"')).rejects.toMatchObject({
          name: 'PreconditionFailed',
          ...status(412),
        });
        expect(await bucket.text('k')).toBe('body');
        await remove('k', ETag);
        await expect(bucket.get('k')).rejects.toMatchObject(status(404));
        await expect(remove('k', ETag)).rejects.toMatchObject(status(404));
        await expect(remove('k', '*')).rejects.toMatchObject(status(412));
        await bucket.put('k');
        await remove('k', '*');
        await expect(bucket.get('k')).rejects.toMatchObject(status(404));
      },
    },
    {
      id: 's3-delete-many-match',
      sentence: 'of an entry among many keeps that object, and the entry says why',
      source: s3Api('API_DeleteObjects'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const tags: (string | undefined)[] = [];
        for (const Key of ['same', 'bare', 'other', 'free']) {
          tags.push((await bucket.put(Key, { Body: Key })).ETag);
        }
        for (const Quiet of [false, true]) {
          const { Deleted, Errors } = await s3.send(
            new DeleteObjectsCommand({
              Bucket: bucket.name,
              Delete: {
                Quiet,
                Objects: [
                  ...(Quiet
                    ? []
                    : [
                        { Key: 'same', ETag: tags[0] },
                        { Key: 'bare', ETag: tags[1]?.replaceAll('"', '') },
                        { Key: 'free' },
                      ]),
                  { Key: 'other', ETag: tags[0] },
                  { Key: 'missing', ETag: tags[0] },
                ],
              },
            }),
          );
          expect(Deleted?.map(({ Key }) => Key)).toEqual(
            Quiet ? undefined : ['same', 'bare', 'free'],
          );
          expect(Errors).toEqual([
            expect.objectContaining({ Key: 'other', Code: 'PreconditionFailed' }),
            expect.objectContaining({ Key: 'missing', Code: 'NoSuchKey' }),
          ]);
          expect(await bucket.text('other')).toBe('other');
        }
      },
    },
    ...DIRECTORY_BUCKETS_ONLY.map(([id, name, condition]): Case => ({
      id: `s3-delete-${id}`,
      sentence: `by ${name} is 501, as on S3 outside directory buckets, and nothing is deleted`,
      source: s3Api('API_DeleteObject'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        await bucket.put('k');
        await expect(
          s3.send(new DeleteObjectCommand({ Bucket: bucket.name, Key: 'k', ...condition })),
        ).rejects.toMatchObject({ name: 'NotImplemented', ...status(501) });
        expect(await bucket.text('k')).toBe('body');
      },
    })),
  ],
};
