import { DeleteObjectsCommand } from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { expect } from 'vitest';

import { expectError, expectStatus } from '@labelfleet/testkit/expect-error';
import { withBucket, type BucketCase, type Table } from '../case.ts';
import { s3Api, s3Guide } from '../sources.ts';

const RANGES: readonly [id: string, range: string, expected: string, contentRange: string][] = [
  ['both', 'bytes=0-3', '0123', 'bytes 0-3/10'],
  ['from', 'bytes=4-', '456789', 'bytes 4-9/10'],
  ['last', 'bytes=-2', '89', 'bytes 8-9/10'],
  ['beyond', 'bytes=8-100', '89', 'bytes 8-9/10'],
];

export const objectsTable: Table = {
  title: 'an object',
  cases: withBucket(
    {
      id: 's3-round-trip',
      sentence: 'is given back as it was put, with type, metadata, ETag and checksum',
      source: s3Api('API_PutObject'),
      run: async ({ bucket }) => {
        const key = 'folder/a picture ü+&?#%';
        const Body = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
        const facts = {
          ContentType: 'image/jpeg',
          CacheControl: 'no-store',
          Metadata: { name: 'photo.jpg' },
        };
        const { ETag } = await bucket.put(key, { Body, ...facts });
        expect(ETag).toMatch(/^"[0-9a-f]{32}"$/);
        const object = await bucket.get(key);
        expect(object).toMatchObject({ ...facts, ContentLength: 100_000, ETag });
        expect(object.ChecksumCRC32).toBeTypeOf('string');
        expect(Buffer.from((await object.Body?.transformToByteArray()) ?? [])).toEqual(Body);
        const head = await bucket.head(key);
        expect(head).toMatchObject({ ETag, ContentLength: 100_000, ContentType: 'image/jpeg' });
        expect(head.LastModified?.getTime()).toBeGreaterThan(Date.now() - 60_000);
      },
    },
    {
      id: 's3-empty',
      sentence: 'may be empty',
      source: s3Api('API_PutObject'),
      run: async ({ bucket }) => {
        await bucket.put('k', { Body: new Uint8Array(0) });
        expect(await bucket.text('k')).toBe('');
      },
    },
    {
      id: 's3-streamed',
      sentence: 'may be streamed (aws-chunked, its checksum behind it)',
      source: s3Api('sigv4-streaming-trailers'),
      run: async ({ bucket }) => {
        const chunks = Array.from({ length: 40 }, (_, index) => Buffer.alloc(70_000, index));
        await bucket.put('k', { Body: Readable.from(chunks), ContentLength: 40 * 70_000 });
        const { ContentEncoding, Body } = await bucket.get('k');
        expect(ContentEncoding).toBeUndefined();
        const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
        expect(bytes.equals(Buffer.concat(chunks))).toBe(true);
      },
    },
    {
      id: 's3-replaced',
      sentence: 'is replaced by the next put',
      source: s3Guide('Welcome'),
      run: async ({ bucket }) => {
        await bucket.put('k', { Body: 'one', Metadata: { a: '1' } });
        await bucket.put('k', { Body: 'two' });
        expect(await bucket.text('k')).toBe('two');
        expect((await bucket.get('k')).Metadata).toEqual({});
      },
    },
    {
      id: 's3-range-none',
      sentence: 'has no part behind its end',
      source: s3Api('API_GetObject'),
      run: async ({ bucket }) => {
        await bucket.put('k', { Body: '0123456789' });
        await expectStatus(bucket.get('k', { Range: 'bytes=10-' }), 416);
      },
    },
    {
      id: 's3-missing',
      sentence: 'that is not there is NoSuchKey, for a HEAD the bare 404',
      source: s3Api('API_HeadObject'),
      run: async ({ bucket }) => {
        await expectError(bucket.get('nothing'), 'NoSuchKey', 404);
        await expectError(bucket.head('nothing'), 'NotFound', 404);
      },
    },
    {
      id: 's3-delete',
      sentence: 'is deleted, alone or with others, and deleting it again succeeds',
      source: s3Api('API_DeleteObjects'),
      run: async ({ s3, bucket }) => {
        const keys = ['<delete> 1', '<delete> 2', '<delete> 3'];
        for (const key of keys) await bucket.put(key);
        await bucket.remove('<delete> 1');
        await bucket.remove('<delete> 1');
        const Delete = { Objects: keys.map((Key) => ({ Key })) };
        const { Deleted } = await s3.send(
          new DeleteObjectsCommand({ Bucket: bucket.name, Delete }),
        );
        expect(Deleted?.map(({ Key }) => Key)).toEqual(keys);
        for (const key of keys) await expectError(bucket.get(key), 'NoSuchKey');
      },
    },
    ...RANGES.map(([id, Range, expected, ContentRange]): BucketCase => ({
      id: `s3-range-${id}`,
      sentence: `is read in part: ${Range}`,
      source: s3Api('API_GetObject'),
      run: async ({ bucket }) => {
        await bucket.put('k', { Body: '0123456789' });
        const object = await bucket.get('k', { Range });
        expect(object).toMatchObject({ ContentRange, $metadata: { httpStatusCode: 206 } });
        expect(await object.Body?.transformToString()).toBe(expected);
      },
    })),
  ),
};
