import { DeleteObjectCommand, DeleteObjectsCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { expect } from 'vitest';

import type { Case, Table } from '../case.ts';
import { s3Api, s3Guide } from '../sources.ts';
import { createBucket, status } from './test-bucket.ts';

const RANGES: readonly [id: string, range: string, expected: string, contentRange: string][] = [
  ['both', 'bytes=0-3', '0123', 'bytes 0-3/10'],
  ['from', 'bytes=4-', '456789', 'bytes 4-9/10'],
  ['last', 'bytes=-2', '89', 'bytes 8-9/10'],
  ['beyond', 'bytes=8-100', '89', 'bytes 8-9/10'],
];

export const objectsTable: Table = {
  title: 'an object',
  cases: [
    {
      id: 's3-round-trip',
      sentence: 'is given back as it was put, with type, metadata, ETag and checksum',
      source: s3Api('API_PutObject'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const Key = 'folder/a picture ü+&?#%';
        const Body = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
        const { ETag } = await bucket.put(Key, {
          Body,
          ContentType: 'image/jpeg',
          CacheControl: 'no-store',
          Metadata: { name: 'photo.jpg' },
        });
        expect(ETag).toMatch(/^"[0-9a-f]{32}"$/);
        const object = await bucket.get(Key);
        expect(object).toMatchObject({
          ContentType: 'image/jpeg',
          CacheControl: 'no-store',
          Metadata: { name: 'photo.jpg' },
          ContentLength: 100_000,
          ETag,
        });
        expect(object.ChecksumCRC32).toBeTypeOf('string');
        expect(Buffer.from((await object.Body?.transformToByteArray()) ?? [])).toEqual(Body);
        const head = await s3.send(new HeadObjectCommand({ Bucket: bucket.name, Key }));
        expect(head).toMatchObject({ ETag, ContentLength: 100_000, ContentType: 'image/jpeg' });
        expect(head.LastModified?.getTime()).toBeGreaterThan(Date.now() - 60_000);
      },
    },
    {
      id: 's3-empty',
      sentence: 'may be empty',
      source: s3Api('API_PutObject'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const Key = 'empty';
        await bucket.put(Key, { Body: new Uint8Array(0) });
        expect(await bucket.text(Key)).toBe('');
      },
    },
    {
      id: 's3-streamed',
      sentence: 'may be streamed (aws-chunked, its checksum behind it)',
      source: s3Api('sigv4-streaming-trailers'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const Key = 'stream';
        const chunks = Array.from({ length: 40 }, (_, index) => Buffer.alloc(70_000, index));
        await bucket.put(Key, { Body: Readable.from(chunks), ContentLength: 40 * 70_000 });
        const object = await bucket.get(Key);
        expect(object.ContentEncoding).toBeUndefined();
        const bytes = Buffer.from((await object.Body?.transformToByteArray()) ?? []);
        expect(bytes.equals(Buffer.concat(chunks))).toBe(true);
      },
    },
    {
      id: 's3-replaced',
      sentence: 'is replaced by the next put',
      source: s3Guide('Welcome'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const Key = 'replaced';
        await bucket.put(Key, { Body: 'one', Metadata: { a: '1' } });
        await bucket.put(Key, { Body: 'two' });
        const object = await bucket.get(Key);
        expect(await object.Body?.transformToString()).toBe('two');
        expect(object.Metadata).toEqual({});
      },
    },
    {
      id: 's3-range-none',
      sentence: 'has no part behind its end',
      source: s3Api('API_GetObject'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const Key = 'range';
        await bucket.put(Key, { Body: '0123456789' });
        await expect(bucket.get(Key, { Range: 'bytes=10-' })).rejects.toMatchObject(status(416));
      },
    },
    {
      id: 's3-missing',
      sentence: 'that is not there is NoSuchKey, for a HEAD the bare 404',
      source: s3Api('API_HeadObject'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        await expect(bucket.get('nothing')).rejects.toMatchObject({
          name: 'NoSuchKey',
          ...status(404),
        });
        await expect(
          s3.send(new HeadObjectCommand({ Bucket: bucket.name, Key: 'nothing' })),
        ).rejects.toMatchObject({ name: 'NotFound', ...status(404) });
      },
    },
    {
      id: 's3-delete',
      sentence: 'is deleted, alone or with others, and deleting it again succeeds',
      source: s3Api('API_DeleteObjects'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const keys = ['<delete> 1', '<delete> 2', '<delete> 3'];
        for (const Key of keys) await bucket.put(Key);
        const first = { Bucket: bucket.name, Key: keys[0] };
        await s3.send(new DeleteObjectCommand(first));
        await s3.send(new DeleteObjectCommand(first));
        const { Deleted } = await s3.send(
          new DeleteObjectsCommand({
            Bucket: bucket.name,
            Delete: { Objects: keys.map((Key) => ({ Key })) },
          }),
        );
        expect(Deleted?.map(({ Key }) => Key)).toEqual(keys);
        for (const Key of keys)
          await expect(bucket.get(Key)).rejects.toMatchObject({ name: 'NoSuchKey' });
      },
    },
    ...RANGES.map(([id, Range, expected, ContentRange]): Case => ({
      id: `s3-range-${id}`,
      sentence: `is read in part: ${Range}`,
      source: s3Api('API_GetObject'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        await bucket.put('range', { Body: '0123456789' });
        const object = await bucket.get('range', { Range });
        expect(object).toMatchObject({ ContentRange, ...status(206) });
        expect(await object.Body?.transformToString()).toBe(expected);
      },
    })),
  ],
};
