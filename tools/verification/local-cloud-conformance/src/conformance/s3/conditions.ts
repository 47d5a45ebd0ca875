import { DeleteObjectsCommand } from '@aws-sdk/client-s3';
import { expect } from 'vitest';

import { expectError, expectStatus } from '@labelfleet/testkit/expect-error';
import { withBucket, type BucketCase, type Table } from '../case.ts';
import { s3Api, s3Guide } from '../sources.ts';

const DIRECTORY_BUCKETS_ONLY = [
  ['size', { IfMatchSize: 4 }],
  ['time', { IfMatchLastModifiedTime: new Date(0) }],
] as const;

export const conditionsTable: Table = {
  title: 'a condition',
  cases: withBucket(
    {
      id: 's3-put-once',
      sentence: 'If-None-Match: * writes once',
      source: s3Guide('conditional-writes'),
      run: async ({ bucket }) => {
        await bucket.put('k', { Body: 'first', IfNoneMatch: '*' });
        const again = bucket.put('k', { Body: 'second', IfNoneMatch: '*' });
        await expectError(again, 'PreconditionFailed', 412);
        expect(await bucket.text('k')).toBe('first');
      },
    },
    {
      id: 's3-put-race',
      sentence: 'If-None-Match: * lets one of many writers at once win',
      source: s3Guide('conditional-writes'),
      needs: ['exact'],
      run: async ({ bucket }) => {
        const puts = Array.from({ length: 20 }, (_, index) =>
          bucket.put('k', { Body: `${index}`, IfNoneMatch: '*' }),
        );
        const outcomes = await Promise.allSettled(puts);
        const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        expect(await bucket.text('k')).toBe(String(winner));
      },
    },
    {
      id: 's3-put-match',
      sentence: 'If-Match replaces that object only',
      source: s3Guide('conditional-writes'),
      run: async ({ bucket }) => {
        const { ETag } = await bucket.put('k', { Body: 'one' });
        await bucket.put('k', { Body: 'two', IfMatch: ETag });
        const late = bucket.put('k', { Body: 'three', IfMatch: ETag });
        await expectError(late, 'PreconditionFailed');
        await expectError(bucket.put('none', { IfMatch: ETag }), 'NoSuchKey');
        expect(await bucket.text('k')).toBe('two');
      },
    },
    {
      id: 's3-get-conditions',
      sentence: 'on a get is 304 for whom has it, 412 for whom wants another',
      source: s3Api('API_GetObject'),
      run: async ({ bucket }) => {
        const { ETag } = await bucket.put('k');
        await expectStatus(bucket.get('k', { IfNoneMatch: ETag }), 304);
        expect(await bucket.text('k', { IfNoneMatch: '"other"' })).toBe('body');
        expect(await bucket.text('k', { IfMatch: ETag })).toBe('body');
        await expectStatus(bucket.get('k', { IfMatch: '"other"' }), 412);
      },
    },
    {
      id: 's3-get-match-any',
      sentence: 'If-Match with *, a list or no quotation marks is met by the object',
      source: s3Api('API_GetObject'),
      run: async ({ bucket }) => {
        const { ETag = '' } = await bucket.put('k');
        for (const tags of ['*', ETag, ETag.replaceAll('"', ''), `"other", ${ETag}`]) {
          expect(await bucket.text('k', { IfMatch: tags })).toBe('body');
          expect((await bucket.head('k', { IfMatch: tags })).ETag).toBe(ETag);
          await expectStatus(bucket.get('k', { IfNoneMatch: tags }), 304);
        }
      },
    },
    {
      id: 's3-get-since',
      sentence: 'by date is 304 for what has not changed since, 412 for what has',
      source: s3Api('API_GetObject'),
      run: async ({ bucket }) => {
        await bucket.put('k');
        const { LastModified = new Date(), ETag } = await bucket.get('k');
        const before = new Date(LastModified.getTime() - 60_000);
        const toCome = new Date(LastModified.getTime() + 3_600_000);
        await expectStatus(bucket.get('k', { IfModifiedSince: LastModified }), 304);
        await expectStatus(bucket.get('k', { IfUnmodifiedSince: before }), 412);
        for (const met of [
          { IfModifiedSince: before },
          { IfModifiedSince: toCome },
          { IfUnmodifiedSince: LastModified },
          { IfMatch: ETag, IfUnmodifiedSince: before },
        ]) {
          expect(await bucket.text('k', met)).toBe('body');
        }
      },
    },
    {
      id: 's3-put-conditions-refused',
      sentence: 'that S3 does not know on a write is 501, and nothing is written',
      source: s3Guide('conditional-writes'),
      run: async ({ bucket }) => {
        const { ETag } = await bucket.put('k');
        for (const refused of [
          { IfMatch: '*' },
          { IfNoneMatch: ETag },
          { IfMatch: ETag, IfNoneMatch: '*' },
        ]) {
          await expectError(bucket.put('k', { Body: 'other', ...refused }), 'NotImplemented', 501);
        }
        expect(await bucket.text('k')).toBe('body');
      },
    },
    {
      id: 's3-delete-match',
      sentence: 'If-Match deletes that object only; * deletes any',
      source: s3Guide('conditional-deletes'),
      run: async ({ bucket }) => {
        const { ETag } = await bucket.put('k');
        const other = bucket.remove('k', { IfMatch: '"other"' });
        await expectError(other, 'PreconditionFailed', 412);
        expect(await bucket.text('k')).toBe('body');
        await bucket.remove('k', { IfMatch: ETag });
        await expectStatus(bucket.get('k'), 404);
        await expectStatus(bucket.remove('k', { IfMatch: ETag }), 404);
        await expectStatus(bucket.remove('k', { IfMatch: '*' }), 412);
        await bucket.put('k');
        await bucket.remove('k', { IfMatch: '*' });
        await expectStatus(bucket.get('k'), 404);
      },
    },
    {
      id: 's3-delete-many-match',
      sentence: 'of an entry among many keeps that object, and the entry says why',
      source: s3Api('API_DeleteObjects'),
      run: async ({ s3, bucket }) => {
        const tags: (string | undefined)[] = [];
        for (const key of ['same', 'bare', 'other', 'free']) {
          tags.push((await bucket.put(key, { Body: key })).ETag);
        }
        const met = [
          { Key: 'same', ETag: tags[0] },
          { Key: 'bare', ETag: tags[1]?.replaceAll('"', '') },
          { Key: 'free' },
        ];
        const unmet = [
          { Key: 'other', ETag: tags[0] },
          { Key: 'missing', ETag: tags[0] },
        ];
        for (const [Objects, Quiet, deleted] of [
          [[...met, ...unmet], false, ['same', 'bare', 'free']],
          [unmet, true, undefined],
        ] as const) {
          const Delete = { Objects: [...Objects], Quiet };
          const { Deleted, Errors } = await s3.send(
            new DeleteObjectsCommand({ Bucket: bucket.name, Delete }),
          );
          expect(Deleted?.map(({ Key }) => Key)).toEqual(deleted);
          expect(Errors?.map(({ Key, Code }) => [Key, Code])).toEqual([
            ['other', 'PreconditionFailed'],
            ['missing', 'NoSuchKey'],
          ]);
          expect(await bucket.text('other')).toBe('other');
        }
      },
    },
    ...DIRECTORY_BUCKETS_ONLY.map(([what, condition]): BucketCase => ({
      id: `s3-delete-${what}`,
      sentence: `by ${what} is 501, as on S3 outside directory buckets, and nothing is deleted`,
      source: s3Api('API_DeleteObject'),
      run: async ({ bucket }) => {
        await bucket.put('k');
        await expectError(bucket.remove('k', condition), 'NotImplemented', 501);
        expect(await bucket.text('k')).toBe('body');
      },
    })),
  ),
};
