import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  UploadPartCopyCommand,
  type CompletedPart,
  type CreateMultipartUploadCommandInput,
} from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { expect } from 'vitest';

import type { Case, Table } from '../case.ts';
import { s3Api, s3Guide } from '../sources.ts';
import { createBucket, status } from './test-bucket.ts';
import { PART_BYTES, TestUpload } from './test-upload.ts';

const md5 = (bytes: Buffer) => createHash('md5').update(bytes);
const noSuchUpload = { name: 'NoSuchUpload', ...status(404) };
const big = (fill: string) => Buffer.alloc(PART_BYTES, fill);

/** Part lists that are refused for an upload with part 1 of 5 MiB, part 2 and part 4. */
const REFUSED: readonly [
  id: string,
  what: string,
  name: string,
  choose: (parts: CompletedPart[]) => CompletedPart[],
][] = [
  ['order', 'parts out of order', 'InvalidPartOrder', ([a, b]) => [b ?? {}, a ?? {}]],
  ['twice', 'a part named twice', 'InvalidPartOrder', ([a]) => [a ?? {}, a ?? {}]],
  ['small', 'a small part before the last', 'EntityTooSmall', (parts) => parts],
  ['missing', 'a part that is not there', 'InvalidPart', ([a]) => [{ ...a, PartNumber: 3 }]],
  ['etag', 'a part by another ETag', 'InvalidPart', ([a, b]) => [{ ...a, ETag: b?.ETag }]],
  ['none', 'no part', 'InvalidRequest', () => []],
];

/** Checksums of 123456789 in one part. A composite checksum is that of the part's checksum, as recorded from S3. */
const CHECKSUMS: readonly [
  name: string,
  more: Partial<CreateMultipartUploadCommandInput>,
  expected: object,
][] = [
  ['default', {}, { ChecksumCRC64NVME: 'rosUhgp5mIg=', ChecksumType: 'FULL_OBJECT' }],
  [
    'crc64nvme',
    { ChecksumAlgorithm: 'CRC64NVME' },
    { ChecksumCRC64NVME: 'rosUhgp5mIg=', ChecksumType: 'FULL_OBJECT' },
  ],
  [
    'full-crc32',
    { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' },
    { ChecksumCRC32: 'y/Q5Jg==', ChecksumType: 'FULL_OBJECT' },
  ],
  [
    'composite-crc32',
    { ChecksumAlgorithm: 'CRC32' },
    { ChecksumCRC32: '7kxlUA==-1', ChecksumType: 'COMPOSITE' },
  ],
  [
    'composite-sha256',
    { ChecksumAlgorithm: 'SHA256' },
    {
      ChecksumSHA256: 'KSsNAHVmgy25S/rmic1w0at3KBH9RLn0nYVQ7p6mpJQ=-1',
      ChecksumType: 'COMPOSITE',
    },
  ],
];

export const multipartTable: Table = {
  title: 'a multipart upload',
  cases: [
    {
      id: 's3-multipart',
      sentence: 'makes its parts one object, with an ETag of their MD5s and their number',
      source: s3Api('API_CompleteMultipartUpload'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const Key = 'folder/a b ü';
        const upload = await TestUpload.create(s3, bucket, Key, {
          ContentType: 'image/png',
          Metadata: { a: '1' },
        });
        const bytes = [big('1'), big('2'), Buffer.from('end')];
        const parts = await Promise.all(
          bytes.map((body, index) => upload.put(2 * index + 1, body)),
        );
        await expect(bucket.get(Key)).rejects.toMatchObject(status(404));
        const { ETag } = await upload.complete(parts);
        const digest = md5(Buffer.concat(bytes.map((part) => md5(part).digest()))).digest('hex');
        expect(ETag).toBe(`"${digest}-3"`);
        const object = await bucket.get(Key);
        expect(object).toMatchObject({ ETag, ContentType: 'image/png', Metadata: { a: '1' } });
        const body = Buffer.from((await object.Body?.transformToByteArray()) ?? []);
        expect(body.equals(Buffer.concat(bytes))).toBe(true);
        await expect(upload.numbers()).rejects.toMatchObject(noSuchUpload);
      },
    },
    {
      id: 's3-multipart-again',
      sentence: 'is completed again with the same answer, when that was lost',
      source: s3Api('API_CompleteMultipartUpload'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const upload = await TestUpload.create(s3, bucket, 'k');
        const parts = [await upload.put(1, 'one')];
        const answers = await Promise.all([
          upload.complete(parts, { IfNoneMatch: '*' }),
          upload.complete(parts, { IfNoneMatch: '*' }),
        ]);
        answers.push(await upload.complete(parts, { IfNoneMatch: '*' }));
        expect(new Set(answers.map(({ ETag }) => ETag)).size).toBe(1);
        await bucket.put('k', { Body: 'other' });
        await expect(upload.complete(parts)).rejects.toMatchObject(noSuchUpload);
        expect(await bucket.text('k')).toBe('other');
      },
    },
    {
      id: 's3-multipart-replaced-part',
      sentence: 'takes the newest body of a part, and only the parts that are named',
      source: s3Api('API_UploadPart'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const upload = await TestUpload.create(s3, bucket, 'k');
        const old = await upload.put(2, 'old');
        await upload.put(1, 'unnamed');
        const renewed = await upload.put(2, 'new');
        await expect(upload.complete([old])).rejects.toMatchObject({ name: 'InvalidPart' });
        await upload.complete([renewed]);
        expect(await bucket.text('k')).toBe('new');
      },
    },
    {
      id: 's3-multipart-abort',
      sentence: 'is gone when it is aborted, and was none under another key',
      source: s3Api('API_AbortMultipartUpload'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const upload = await TestUpload.create(s3, bucket, 'k');
        const part = await upload.put(1, 'one');
        const abort = (Key: string) =>
          s3.send(new AbortMultipartUploadCommand({ ...upload.of, Key }));
        await expect(abort('other')).rejects.toMatchObject(noSuchUpload);
        await abort('k');
        await expect(abort('k')).rejects.toMatchObject(noSuchUpload);
        await expect(upload.put(2, 'two')).rejects.toMatchObject(noSuchUpload);
        await expect(upload.complete([part])).rejects.toMatchObject(noSuchUpload);
        await expect(bucket.get('k')).rejects.toMatchObject(status(404));
      },
    },
    {
      id: 's3-multipart-part-number',
      sentence: 'has parts from 1 to 10,000',
      source: s3Guide('qfacts'),
      run: async ({ s3 }) => {
        const upload = await TestUpload.create(s3, await createBucket(s3), 'k');
        for (const number of [0, -1, 10_001]) {
          await expect(upload.put(number, 'x')).rejects.toMatchObject({ name: 'InvalidArgument' });
        }
        await upload.complete([await upload.put(10_000, 'x')]);
      },
    },
    ...REFUSED.map(([id, what, name, choose]): Case => ({
      id: `s3-multipart-refuses-${id}`,
      sentence: `is not completed with ${what}, and can be completed after that`,
      source: s3Api('API_CompleteMultipartUpload'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const upload = await TestUpload.create(s3, bucket, 'k');
        const parts = [
          await upload.put(1, big('1')),
          await upload.put(2, 'small'),
          await upload.put(4, 'last'),
        ];
        await expect(upload.complete(choose(parts))).rejects.toMatchObject({
          name,
          ...status(400),
        });
        await upload.complete(parts.slice(0, 2));
        expect((await bucket.head('k')).ContentLength).toBe(PART_BYTES + 5);
      },
    })),
    {
      id: 's3-multipart-once',
      sentence: 'is completed by If-None-Match: * only where no object is',
      source: s3Guide('conditional-writes'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        await bucket.put('k');
        const upload = await TestUpload.create(s3, bucket, 'k');
        const parts = [await upload.put(1, 'one')];
        await expect(upload.complete(parts, { IfNoneMatch: '*' })).rejects.toMatchObject({
          name: 'PreconditionFailed',
          ...status(412),
        });
        expect(await bucket.text('k')).toBe('body');
        await bucket.remove('k');
        await expect(upload.complete(parts, { IfNoneMatch: '*' })).rejects.toMatchObject({
          name: 'ConditionalRequestConflict',
          ...status(409),
        });
        const again = await TestUpload.create(s3, bucket, 'k');
        await again.complete([await again.put(1, 'two')], { IfNoneMatch: '*' });
        expect(await bucket.text('k')).toBe('two');
      },
    },
    {
      id: 's3-multipart-match',
      sentence: 'is completed by If-Match only over that object',
      source: s3Guide('conditional-writes'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const { ETag } = await bucket.put('k');
        const upload = await TestUpload.create(s3, bucket, 'k');
        const parts = [await upload.put(1, 'one')];
        await expect(upload.complete(parts, { IfMatch: '"other"' })).rejects.toMatchObject(
          status(412),
        );
        await upload.complete(parts, { IfMatch: ETag });
        const next = await TestUpload.create(s3, bucket, 'k');
        const nextParts = [await next.put(1, 'two')];
        await expect(next.complete(nextParts, { IfMatch: ETag })).rejects.toMatchObject(
          status(412),
        );
        expect(await bucket.text('k')).toBe('one');
        await bucket.remove('k');
        await expect(next.complete(nextParts, { IfMatch: ETag })).rejects.toMatchObject({
          name: 'NoSuchKey',
        });
      },
    },
    {
      id: 's3-multipart-list-parts',
      sentence: 'lists its parts, in pages',
      source: s3Api('API_ListParts'),
      run: async ({ s3 }) => {
        const upload = await TestUpload.create(s3, await createBucket(s3), 'k');
        expect(await upload.numbers()).toEqual([]);
        for (const number of [11, 2, 5]) await upload.put(number, `part ${number}`);
        const first = await s3.send(new ListPartsCommand({ ...upload.of, MaxParts: 2 }));
        expect(first).toMatchObject({ IsTruncated: true, NextPartNumberMarker: '5', MaxParts: 2 });
        expect(first.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
          [2, 6],
          [5, 6],
        ]);
        const rest = await s3.send(
          new ListPartsCommand({ ...upload.of, PartNumberMarker: first.NextPartNumberMarker }),
        );
        expect(rest).toMatchObject({ IsTruncated: false });
        expect(rest.Parts?.map(({ PartNumber }) => PartNumber)).toEqual([11]);
      },
    },
    {
      id: 's3-multipart-list',
      sentence: 'is listed with others, by key and beginning, in pages and folders',
      source: s3Api('API_ListMultipartUploads'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const begun: string[] = [];
        for (const key of ['b/2', 'a', 'b/1', 'a']) {
          begun.push((await TestUpload.create(s3, bucket, key)).of.UploadId);
        }
        const list = (more: object) =>
          s3.send(new ListMultipartUploadsCommand({ Bucket: bucket.name, ...more }));
        const ordered = [begun[1], begun[3], begun[2], begun[0]];
        const listed: (string | undefined)[] = [];
        let page = await list({ MaxUploads: 1 });
        listed.push(...(page.Uploads ?? []).map(({ UploadId }) => UploadId));
        while (page.IsTruncated === true) {
          page = await list({
            MaxUploads: 1,
            KeyMarker: page.NextKeyMarker,
            UploadIdMarker: page.NextUploadIdMarker,
          });
          listed.push(...(page.Uploads ?? []).map(({ UploadId }) => UploadId));
        }
        expect(listed).toEqual(ordered);
        const folders = await list({ Delimiter: '/' });
        expect(folders.Uploads?.map(({ Key }) => Key)).toEqual(['a', 'a']);
        expect(folders.CommonPrefixes).toEqual([{ Prefix: 'b/' }]);
        expect((await list({ Prefix: 'b/' })).Uploads?.map(({ Key }) => Key)).toEqual([
          'b/1',
          'b/2',
        ]);
      },
    },
    {
      id: 's3-multipart-copy-part',
      sentence: 'takes a part, or a range of it, from another object',
      source: s3Api('API_UploadPartCopy'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        await bucket.put('source ü', { Body: '0123456789' });
        const CopySource = `${bucket.name}/${encodeURIComponent('source ü')}`;
        const upload = await TestUpload.create(s3, bucket, 'k');
        const copy = (PartNumber: number, more: object) =>
          s3.send(new UploadPartCopyCommand({ ...upload.of, PartNumber, CopySource, ...more }));
        const { CopyPartResult } = await copy(1, { CopySourceRange: 'bytes=2-4' });
        await expect(copy(2, { CopySourceRange: 'bytes=2-10' })).rejects.toMatchObject({
          name: 'InvalidArgument',
        });
        await expect(copy(2, { CopySourceIfMatch: '"other"' })).rejects.toMatchObject(status(412));
        await upload.complete([{ PartNumber: 1, ETag: CopyPartResult?.ETag }]);
        expect(await bucket.text('k')).toBe('234');
      },
    },
    {
      id: 's3-multipart-get-part',
      sentence: 'leaves an object that is read part by part',
      source: s3Api('API_GetObject'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const upload = await TestUpload.create(s3, bucket, 'k');
        await upload.complete([await upload.put(1, big('1')), await upload.put(2, 'end')]);
        const part = await bucket.get('k', { PartNumber: 2 });
        expect(part).toMatchObject({ PartsCount: 2, ContentLength: 3, ...status(206) });
        expect(part.ContentRange).toBe(`bytes ${PART_BYTES}-${PART_BYTES + 2}/${PART_BYTES + 3}`);
        expect(await part.Body?.transformToString()).toBe('end');
        await expect(bucket.get('k', { PartNumber: 3 })).rejects.toMatchObject(status(416));
        await bucket.put('whole');
        expect(await bucket.text('whole', { PartNumber: 1 })).toBe('body');
      },
    },
    ...CHECKSUMS.map(([name, more, expected]): Case => ({
      id: `s3-multipart-checksum-${name}`,
      sentence: `keeps the checksum of an object by ${name}`,
      source: s3Guide('checking-object-integrity-upload'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const upload = await TestUpload.create(s3, bucket, 'k', more);
        const part = await upload.put(1, '123456789', {
          ChecksumAlgorithm: more.ChecksumAlgorithm,
        });
        const completed = await upload.complete([part]);
        const head = await bucket.head('k', { ChecksumMode: 'ENABLED' });
        for (const answer of [completed, head]) expect(answer).toMatchObject(expected);
        expect(await bucket.text('k', { ChecksumMode: 'ENABLED' })).toBe('123456789');
      },
    })),
    {
      id: 's3-multipart-checksum-wrong',
      sentence: 'is refused where a checksum is not that of its part or of all',
      source: s3Guide('checking-object-integrity-upload'),
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const upload = await TestUpload.create(s3, bucket, 'k', {
          ChecksumAlgorithm: 'CRC32',
          ChecksumType: 'FULL_OBJECT',
        });
        await expect(upload.put(1, 'x', { ChecksumCRC32: 'AAAAAA==' })).rejects.toMatchObject({
          name: 'BadDigest',
        });
        await expect(upload.put(1, 'x', { ChecksumAlgorithm: 'SHA256' })).rejects.toMatchObject({
          name: 'InvalidRequest',
        });
        const part = await upload.put(1, 'x');
        await expect(upload.complete([part], { ChecksumCRC32: 'AAAAAA==' })).rejects.toMatchObject({
          name: 'BadDigest',
        });
        await expect(
          upload.complete([{ ...part, ChecksumCRC32: 'AAAAAA==' }]),
        ).rejects.toMatchObject({ name: 'InvalidPart' });
        await upload.complete([part], { ChecksumCRC32: part.ChecksumCRC32 });
      },
    },
    {
      id: 's3-multipart-bucket-deleted',
      sentence: 'does not keep a bucket from being deleted, and goes with it',
      source: s3Api('API_DeleteBucket'),
      needs: ['local'],
      run: async ({ s3 }) => {
        const bucket = await createBucket(s3);
        const upload = await TestUpload.create(s3, bucket, 'k');
        await bucket.drop();
        await expect(upload.put(1, 'x')).rejects.toMatchObject({ name: 'NoSuchBucket' });
      },
    },
  ],
};
