import {
  CopyObjectCommand,
  GetObjectTaggingCommand,
  type CopyObjectCommandInput,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';

import type { Clients } from '../clients.ts';
import type { Table } from '../case.ts';
import { s3Api, s3Guide } from '../sources.ts';
import { createBucket, status } from './test-bucket.ts';
import { TestUpload } from './test-upload.ts';

/** A bucket with one object, and a function that copies it. */
async function copying({ s3 }: Pick<Clients, 's3'>) {
  const bucket = await createBucket(s3);
  const source = 'folder/a+b ü';
  const put = await bucket.put(source, { Body: 'source', Metadata: { a: '1' } });
  const copy = (Key: string, more: Partial<CopyObjectCommandInput> = {}) =>
    s3.send(
      new CopyObjectCommand({
        Bucket: bucket.name,
        Key,
        CopySource: `${bucket.name}/${encodeURIComponent(source)}`,
        ...more,
      }),
    );
  return { bucket, source, put, copy };
}

export const copiesTable: Table = {
  title: 'a copy',
  cases: [
    {
      id: 's3-copy',
      sentence: 'has bytes, ETag, checksum and metadata of its source',
      source: s3Api('API_CopyObject'),
      run: async ({ s3 }) => {
        const { bucket, put, copy } = await copying({ s3 });
        const { CopyObjectResult } = await copy('copy');
        expect(CopyObjectResult).toMatchObject({
          ETag: put.ETag,
          ChecksumCRC32: put.ChecksumCRC32,
        });
        const object = await bucket.get('copy');
        expect(object.Metadata).toEqual({ a: '1' });
        expect(await object.Body?.transformToString()).toBe('source');
      },
    },
    {
      id: 's3-copy-replace',
      sentence: 'replaces the metadata when asked to, also in a copy of an object onto itself',
      source: s3Api('API_CopyObject'),
      run: async ({ s3 }) => {
        const { bucket, source, copy } = await copying({ s3 });
        await expect(copy(source)).rejects.toMatchObject({ name: 'InvalidRequest' });
        await copy(source, { MetadataDirective: 'REPLACE', Metadata: { b: '2' } });
        const object = await bucket.get(source);
        expect(object.Metadata).toEqual({ b: '2' });
        expect(await object.Body?.transformToString()).toBe('source');
      },
    },
    {
      id: 's3-copy-conditions',
      sentence: 'is made only where the conditions on its source and on its place hold',
      source: s3Guide('conditional-writes'),
      run: async ({ s3 }) => {
        const { bucket, source, put, copy } = await copying({ s3 });
        const failed = { name: 'PreconditionFailed', ...status(412) };
        await bucket.put('there');
        const { LastModified } = await bucket.get(source);
        const passed = new Date(Date.now() - 3_600_000);
        for (const more of [
          { CopySourceIfMatch: '"other"' },
          { CopySourceIfNoneMatch: put.ETag },
          { CopySourceIfModifiedSince: LastModified },
          { CopySourceIfUnmodifiedSince: passed },
          { IfNoneMatch: '*' },
          { IfMatch: '"other"' },
        ]) {
          await expect(copy('there', more)).rejects.toMatchObject(failed);
        }
        expect(await bucket.text('there')).toBe('body');
        await copy('there', { CopySourceIfMatch: put.ETag, CopySourceIfUnmodifiedSince: passed });
        expect(await bucket.text('there')).toBe('source');
      },
    },
    {
      id: 's3-copy-missing',
      sentence: 'of what is not there is NoSuchKey or NoSuchBucket',
      source: s3Api('API_CopyObject'),
      run: async ({ s3 }) => {
        const { bucket, copy } = await copying({ s3 });
        await expect(copy('k', { CopySource: `${bucket.name}/none` })).rejects.toMatchObject({
          name: 'NoSuchKey',
        });
        await expect(copy('k', { CopySource: `${bucket.name}-none/k` })).rejects.toMatchObject({
          name: 'NoSuchBucket',
        });
        await expect(copy('k', { CopySource: bucket.name })).rejects.toMatchObject({
          name: 'InvalidArgument',
        });
      },
    },
    {
      id: 's3-copy-multipart',
      sentence: 'of an object that came in parts is one that came whole',
      source: s3Api('API_CopyObject'),
      run: async ({ s3 }) => {
        const { bucket, put, copy } = await copying({ s3 });
        const upload = await TestUpload.create(s3, bucket, 'parts');
        await upload.complete([await upload.put(1, 'source')]);
        await copy('whole', { CopySource: `${bucket.name}/parts` });
        const { ETag } = await bucket.get('whole');
        expect(ETag).toBe(put.ETag);
      },
    },
    {
      id: 's3-tags-none',
      sentence: 'finds no tags on its source, since none can be set',
      source: s3Api('API_GetObjectTagging'),
      run: async ({ s3 }) => {
        const { bucket, source } = await copying({ s3 });
        const tagging = new GetObjectTaggingCommand({ Bucket: bucket.name, Key: source });
        expect((await s3.send(tagging)).TagSet).toEqual([]);
      },
    },
  ],
};
