import { GetObjectTaggingCommand } from '@aws-sdk/client-s3';
import { expect } from 'vitest';

import { expectError } from '@labelfleet/testkit/expect-error';
import { createBucket } from '@labelfleet/testkit/test-bucket';
import { startingWith, type Table } from '../case.ts';
import { s3Api, s3Guide } from '../sources.ts';

const SOURCE = 'folder/a+b ü';

/** Cases that each start with a bucket that has one object. */
const withObject = startingWith(async ({ s3 }) => {
  const bucket = await createBucket(s3);
  return { bucket, put: await bucket.put(SOURCE, { Body: 'source', Metadata: { a: '1' } }) };
});

export const copiesTable: Table = {
  title: 'a copy',
  cases: withObject(
    {
      id: 's3-copy',
      sentence: 'has bytes, ETag, checksum and metadata of its source',
      source: s3Api('API_CopyObject'),
      run: async ({ bucket, put: { ETag, ChecksumCRC32 } }) => {
        const { CopyObjectResult } = await bucket.copy(SOURCE, 'copy');
        expect(CopyObjectResult).toMatchObject({ ETag, ChecksumCRC32 });
        expect((await bucket.get('copy')).Metadata).toEqual({ a: '1' });
        expect(await bucket.text('copy')).toBe('source');
      },
    },
    {
      id: 's3-copy-replace',
      sentence: 'replaces the metadata when asked to, also in a copy of an object onto itself',
      source: s3Api('API_CopyObject'),
      run: async ({ bucket }) => {
        await expectError(bucket.copy(SOURCE, SOURCE), 'InvalidRequest');
        const replaced = { MetadataDirective: 'REPLACE', Metadata: { b: '2' } } as const;
        await bucket.copy(SOURCE, SOURCE, replaced);
        expect((await bucket.get(SOURCE)).Metadata).toEqual({ b: '2' });
        expect(await bucket.text(SOURCE)).toBe('source');
      },
    },
    {
      id: 's3-copy-conditions',
      sentence: 'is made only where the conditions on its source and on its place hold',
      source: s3Guide('conditional-writes'),
      run: async ({ bucket, put: { ETag } }) => {
        await bucket.put('there');
        const { LastModified } = await bucket.get(SOURCE);
        const passed = new Date(Date.now() - 3_600_000);
        for (const more of [
          { CopySourceIfMatch: '"other"' },
          { CopySourceIfNoneMatch: ETag },
          { CopySourceIfModifiedSince: LastModified },
          { CopySourceIfUnmodifiedSince: passed },
          { IfNoneMatch: '*' },
          { IfMatch: '"other"' },
        ]) {
          await expectError(bucket.copy(SOURCE, 'there', more), 'PreconditionFailed', 412);
        }
        expect(await bucket.text('there')).toBe('body');
        const met = { CopySourceIfMatch: ETag, CopySourceIfUnmodifiedSince: passed };
        await bucket.copy(SOURCE, 'there', met);
        expect(await bucket.text('there')).toBe('source');
      },
    },
    {
      id: 's3-copy-missing',
      sentence: 'of what is not there is NoSuchKey or NoSuchBucket',
      source: s3Api('API_CopyObject'),
      run: async ({ bucket }) => {
        for (const [CopySource, error] of [
          [`${bucket.name}/none`, 'NoSuchKey'],
          [`${bucket.name}-none/k`, 'NoSuchBucket'],
          [bucket.name, 'InvalidArgument'],
        ] as const) {
          await expectError(bucket.copy(SOURCE, 'k', { CopySource }), error);
        }
      },
    },
    {
      id: 's3-copy-multipart',
      sentence: 'of an object that came in parts is one that came whole',
      source: s3Api('API_CopyObject'),
      run: async ({ bucket, put }) => {
        const upload = await bucket.upload('parts');
        await upload.complete([await upload.put(1, 'source')]);
        await bucket.copy('parts', 'whole');
        expect((await bucket.get('whole')).ETag).toBe(put.ETag);
      },
    },
    {
      id: 's3-tags-none',
      sentence: 'finds no tags on its source, since none can be set',
      source: s3Api('API_GetObjectTagging'),
      run: async ({ s3, bucket }) => {
        const tagging = new GetObjectTaggingCommand({ Bucket: bucket.name, Key: SOURCE });
        expect((await s3.send(tagging)).TagSet).toEqual([]);
      },
    },
  ),
};
