import { AbortMultipartUploadCommand, type CompletedPart } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { expect } from 'vitest';

import { expectError, expectStatus } from '@labelfleet/testkit/expect-error';
import { createBucket, PART_BYTES } from '@labelfleet/testkit/test-bucket';
import { startingWith, type Case, type Table } from '../case.ts';
import { s3Api, s3Guide } from '../sources.ts';
import { multipartChecksums } from './multipart-checksums.ts';
import { multipartConditions } from './multipart-conditions.ts';
import { multipartParts } from './multipart-parts.ts';

/** Cases that each start with a bucket and an upload to the key k. */
const withUpload = startingWith(async ({ s3 }) => {
  const bucket = await createBucket(s3);
  return { bucket, upload: await bucket.upload('k') };
});
type UploadCase = Parameters<typeof withUpload>[number];

const md5 = (bytes: Buffer) => createHash('md5').update(bytes);

/** Part lists that are refused for an upload with part 1 of 5 MiB, part 2 and part 4. */
const REFUSED: readonly [
  id: string,
  what: string,
  name: string,
  choose: (parts: CompletedPart[]) => CompletedPart[],
][] = [
  ['order', 'parts out of order', 'InvalidPartOrder', ([a = {}, b = {}]) => [b, a]],
  ['twice', 'a part named twice', 'InvalidPartOrder', ([a = {}]) => [a, a]],
  ['small', 'a small part before the last', 'EntityTooSmall', (parts) => parts],
  ['missing', 'a part that is not there', 'InvalidPart', ([a]) => [{ ...a, PartNumber: 3 }]],
  ['etag', 'a part by another ETag', 'InvalidPart', ([a, b]) => [{ ...a, ETag: b?.ETag }]],
  ['none', 'no part', 'InvalidRequest', () => []],
];

const whole: readonly Case[] = withUpload(
  {
    id: 's3-multipart',
    sentence: 'makes its parts one object, with an ETag of their MD5s and their number',
    source: s3Api('API_CompleteMultipartUpload'),
    run: async ({ bucket }) => {
      const key = 'folder/a b ü';
      const facts = { ContentType: 'image/png', Metadata: { a: '1' } };
      const upload = await bucket.upload(key, facts);
      const bytes = [
        Buffer.alloc(PART_BYTES, '1'),
        Buffer.alloc(PART_BYTES, '2'),
        Buffer.from('end'),
      ];
      const parts = await Promise.all(bytes.map((body, index) => upload.put(2 * index + 1, body)));
      await expectStatus(bucket.get(key), 404);
      const { ETag } = await upload.complete(parts);
      const digest = md5(Buffer.concat(bytes.map((part) => md5(part).digest()))).digest('hex');
      expect(ETag).toBe(`"${digest}-3"`);
      const object = await bucket.get(key);
      expect(object).toMatchObject({ ETag, ...facts });
      const body = Buffer.from((await object.Body?.transformToByteArray()) ?? []);
      expect(body.equals(Buffer.concat(bytes))).toBe(true);
      await expectError(upload.numbers(), 'NoSuchUpload', 404);
    },
  },
  {
    id: 's3-multipart-again',
    sentence: 'is completed again with the same answer, when that was lost',
    source: s3Api('API_CompleteMultipartUpload'),
    run: async ({ bucket, upload }) => {
      const parts = [await upload.put(1, 'one')];
      const complete = () => upload.complete(parts, { IfNoneMatch: '*' });
      const answers = [...(await Promise.all([complete(), complete()])), await complete()];
      expect(new Set(answers.map(({ ETag }) => ETag)).size).toBe(1);
      await bucket.put('k', { Body: 'other' });
      await expectError(upload.complete(parts), 'NoSuchUpload', 404);
      expect(await bucket.text('k')).toBe('other');
    },
  },
  {
    id: 's3-multipart-replaced-part',
    sentence: 'takes the newest body of a part, and only the parts that are named',
    source: s3Api('API_UploadPart'),
    run: async ({ bucket, upload }) => {
      const old = await upload.put(2, 'old');
      await upload.put(1, 'unnamed');
      const renewed = await upload.put(2, 'new');
      await expectError(upload.complete([old]), 'InvalidPart');
      await upload.complete([renewed]);
      expect(await bucket.text('k')).toBe('new');
    },
  },
  {
    id: 's3-multipart-abort',
    sentence: 'is gone when it is aborted, and was none under another key',
    source: s3Api('API_AbortMultipartUpload'),
    run: async ({ s3, bucket, upload }) => {
      const part = await upload.put(1, 'one');
      const abort = (Key: string) =>
        s3.send(new AbortMultipartUploadCommand({ ...upload.of, Key }));
      await expectError(abort('other'), 'NoSuchUpload', 404);
      await abort('k');
      await expectError(abort('k'), 'NoSuchUpload', 404);
      await expectError(upload.put(2, 'two'), 'NoSuchUpload', 404);
      await expectError(upload.complete([part]), 'NoSuchUpload', 404);
      await expectStatus(bucket.get('k'), 404);
    },
  },
  {
    id: 's3-multipart-part-number',
    sentence: 'has parts from 1 to 10,000',
    source: s3Guide('qfacts'),
    run: async ({ upload }) => {
      for (const number of [0, -1, 10_001]) {
        await expectError(upload.put(number, 'x'), 'InvalidArgument');
      }
      await upload.complete([await upload.put(10_000, 'x')]);
    },
  },
  ...REFUSED.map(([id, what, name, choose]): UploadCase => ({
    id: `s3-multipart-refuses-${id}`,
    sentence: `is not completed with ${what}, and can be completed after that`,
    source: s3Api('API_CompleteMultipartUpload'),
    run: async ({ bucket, upload }) => {
      const parts = [
        await upload.put(1, Buffer.alloc(PART_BYTES, '1')),
        await upload.put(2, 'small'),
        await upload.put(4, 'last'),
      ];
      await expectError(upload.complete(choose(parts)), name, 400);
      await upload.complete(parts.slice(0, 2));
      expect((await bucket.head('k')).ContentLength).toBe(PART_BYTES + 5);
    },
  })),
  {
    id: 's3-multipart-bucket-deleted',
    sentence: 'does not keep a bucket from being deleted, and goes with it',
    source: s3Api('API_DeleteBucket'),
    needs: ['local'],
    run: async ({ bucket, upload }) => {
      await bucket.drop();
      await expectError(upload.put(1, 'x'), 'NoSuchBucket');
    },
  },
);

export const multipartTable: Table = {
  title: 'a multipart upload',
  cases: [...whole, ...multipartConditions, ...multipartParts, ...multipartChecksums],
};
