import {
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type GetObjectCommandInput,
  type ListObjectsV2CommandInput,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { beforeAll, describe, expect, test } from 'vitest';

import { uniqueName, withLocalCloud } from './clients.ts';

const cloud = withLocalCloud();
const Bucket = uniqueName('bucket');
beforeAll(async () => {
  await cloud.s3.send(new CreateBucketCommand({ Bucket }));
});

const put = (Key: string, more: Partial<PutObjectCommandInput> = {}) =>
  cloud.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'body', ...more }));

const get = (Key: string, more: Partial<GetObjectCommandInput> = {}) =>
  cloud.s3.send(new GetObjectCommand({ Bucket, Key, ...more }));

const text = async (Key: string, more: Partial<GetObjectCommandInput> = {}) =>
  (await get(Key, more)).Body?.transformToString();

const status = (httpStatusCode: number) => ({ $metadata: { httpStatusCode } });

describe('an object', () => {
  test('is given back as it was put, with type, metadata, ETag and checksum', async () => {
    const Key = uniqueName('folder/a picture ü+&?#%');
    const Body = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
    const { ETag } = await put(Key, {
      Body,
      ContentType: 'image/jpeg',
      CacheControl: 'no-store',
      Metadata: { name: 'photo.jpg' },
    });
    expect(ETag).toMatch(/^"[0-9a-f]{32}"$/);
    const object = await get(Key);
    expect(object).toMatchObject({
      ContentType: 'image/jpeg',
      CacheControl: 'no-store',
      Metadata: { name: 'photo.jpg' },
      ContentLength: 100_000,
      ETag,
    });
    expect(object.ChecksumCRC32).toBeTypeOf('string');
    expect(Buffer.from((await object.Body?.transformToByteArray()) ?? [])).toEqual(Body);
    const head = await cloud.s3.send(new HeadObjectCommand({ Bucket, Key }));
    expect(head).toMatchObject({ ETag, ContentLength: 100_000, ContentType: 'image/jpeg' });
    expect(head.LastModified?.getTime()).toBeGreaterThan(Date.now() - 60_000);
  });

  test('may be empty', async () => {
    const Key = uniqueName('empty');
    await put(Key, { Body: new Uint8Array(0) });
    expect(await text(Key)).toBe('');
  });

  // docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
  test('may be streamed (aws-chunked, its checksum behind it)', async () => {
    const Key = uniqueName('stream');
    const chunks = Array.from({ length: 40 }, (_, index) => Buffer.alloc(70_000, index));
    await put(Key, { Body: Readable.from(chunks), ContentLength: 40 * 70_000 });
    const object = await get(Key);
    expect(object.ContentEncoding).toBeUndefined();
    const bytes = Buffer.from((await object.Body?.transformToByteArray()) ?? []);
    expect(bytes.equals(Buffer.concat(chunks))).toBe(true);
  });

  test('is replaced by the next put', async () => {
    const Key = uniqueName('replaced');
    await put(Key, { Body: 'one', Metadata: { a: '1' } });
    await put(Key, { Body: 'two' });
    const object = await get(Key);
    expect(await object.Body?.transformToString()).toBe('two');
    expect(object.Metadata).toEqual({});
  });

  test.each([
    ['bytes=0-3', '0123', 'bytes 0-3/10'],
    ['bytes=4-', '456789', 'bytes 4-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=8-100', '89', 'bytes 8-9/10'],
  ])('is read in part: %s', async (Range, expected, ContentRange) => {
    const Key = uniqueName('range');
    await put(Key, { Body: '0123456789' });
    const object = await get(Key, { Range });
    expect(object).toMatchObject({ ContentRange, ...status(206) });
    expect(await object.Body?.transformToString()).toBe(expected);
  });

  test('has no part behind its end', async () => {
    const Key = uniqueName('range');
    await put(Key, { Body: '0123456789' });
    await expect(get(Key, { Range: 'bytes=10-' })).rejects.toMatchObject(status(416));
  });

  test('that is not there is NoSuchKey, for a HEAD the bare 404', async () => {
    await expect(get('nothing')).rejects.toMatchObject({ name: 'NoSuchKey', ...status(404) });
    await expect(
      cloud.s3.send(new HeadObjectCommand({ Bucket, Key: 'nothing' })),
    ).rejects.toMatchObject({ name: 'NotFound', ...status(404) });
  });

  test('is deleted, alone or with others, and deleting it again succeeds', async () => {
    const keys = [1, 2, 3].map((index) => uniqueName(`<delete> ${index}`));
    for (const Key of keys) await put(Key);
    const first = { Bucket, Key: keys[0] };
    await cloud.s3.send(new DeleteObjectCommand(first));
    await cloud.s3.send(new DeleteObjectCommand(first));
    const { Deleted } = await cloud.s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys.map((Key) => ({ Key })) } }),
    );
    expect(Deleted?.map(({ Key }) => Key)).toEqual(keys);
    for (const Key of keys) await expect(get(Key)).rejects.toMatchObject({ name: 'NoSuchKey' });
  });
});

// docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
describe('a conditional put', () => {
  test('with If-None-Match: * writes once', async () => {
    const Key = uniqueName('once');
    await put(Key, { Body: 'first', IfNoneMatch: '*' });
    await expect(put(Key, { Body: 'second', IfNoneMatch: '*' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
      ...status(412),
    });
    expect(await text(Key)).toBe('first');
  });

  test('of many at once one wins', async () => {
    const Key = uniqueName('race');
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => put(Key, { Body: `${index}`, IfNoneMatch: '*' })),
    );
    const winner = outcomes.findIndex((outcome) => outcome.status === 'fulfilled');
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    expect(await text(Key)).toBe(String(winner));
  });

  test('with If-Match replaces that object only', async () => {
    const Key = uniqueName('swap');
    const { ETag } = await put(Key, { Body: 'one' });
    await put(Key, { Body: 'two', IfMatch: ETag });
    await expect(put(Key, { Body: 'three', IfMatch: ETag })).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
    await expect(put(uniqueName('none'), { IfMatch: ETag })).rejects.toMatchObject({
      name: 'NoSuchKey',
    });
    expect(await text(Key)).toBe('two');
  });
});

// docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
test('a conditional get is 304 for whom has it, 412 for whom wants another', async () => {
  const Key = uniqueName('cached');
  const { ETag } = await put(Key);
  await expect(get(Key, { IfNoneMatch: ETag })).rejects.toMatchObject(status(304));
  expect(await text(Key, { IfNoneMatch: '"other"' })).toBe('body');
  expect(await text(Key, { IfMatch: ETag })).toBe('body');
  await expect(get(Key, { IfMatch: '"other"' })).rejects.toMatchObject(status(412));
});

// docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
describe('a body', () => {
  test.each(['CRC32', 'SHA1', 'SHA256'] as const)('comes with its %s', async (algorithm) => {
    const Key = uniqueName('checksum');
    const answer = await put(Key, { ChecksumAlgorithm: algorithm });
    expect(answer[`Checksum${algorithm}`]).toBeTypeOf('string');
    expect(await text(Key)).toBe('body');
  });

  test('that is not what its checksum says is refused, and nothing is written', async () => {
    const Key = uniqueName('damaged');
    await expect(put(Key, { ChecksumCRC32: 'AAAAAA==' })).rejects.toMatchObject({
      name: 'BadDigest',
    });
    await expect(put(Key, { ContentMD5: 'AAAAAAAAAAAAAAAAAAAAAA==' })).rejects.toMatchObject({
      name: 'BadDigest',
    });
    await expect(get(Key)).rejects.toMatchObject({ name: 'NoSuchKey' });
  });
});

// docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
describe('a listing', () => {
  const listed = uniqueName('listed');
  const keys = ['a', 'b/1', 'b/2', 'b/c/3', 'd'];
  beforeAll(async () => {
    await cloud.s3.send(new CreateBucketCommand({ Bucket: listed }));
    for (const Key of keys)
      await cloud.s3.send(new PutObjectCommand({ Bucket: listed, Key, Body: 'x' }));
  });

  async function list(parameters: Partial<ListObjectsV2CommandInput>) {
    const answer = await cloud.s3.send(new ListObjectsV2Command({ Bucket: listed, ...parameters }));
    return {
      keys: (answer.Contents ?? []).map(({ Key }) => Key),
      prefixes: (answer.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
      token: answer.NextContinuationToken,
    };
  }

  test.each<[string, Partial<ListObjectsV2CommandInput>, string[], string[]]>([
    ['everything', {}, keys, []],
    ['by prefix', { Prefix: 'b/' }, ['b/1', 'b/2', 'b/c/3'], []],
    ['by delimiter', { Delimiter: '/' }, ['a', 'd'], ['b/']],
    ['within a folder', { Prefix: 'b/', Delimiter: '/' }, ['b/1', 'b/2'], ['b/c/']],
    ['after a key', { StartAfter: 'b/1' }, ['b/2', 'b/c/3', 'd'], []],
  ])('of %s', async (_what, parameters, expectedKeys, prefixes) => {
    expect(await list(parameters)).toEqual({ keys: expectedKeys, prefixes, token: undefined });
  });

  test('comes in pages, common prefixes counted once', async () => {
    const pages = [];
    let token: string | undefined;
    do {
      const page = await list({ MaxKeys: 1, Delimiter: '/', ContinuationToken: token });
      pages.push([...page.keys, ...page.prefixes]);
      token = page.token;
    } while (token !== undefined);
    expect(pages).toEqual([['a'], ['b/'], ['d']]);
  });
});

describe('a bucket', () => {
  test('is made (again, too), found, listed and, when it is empty, deleted', async () => {
    const name = uniqueName('made');
    await cloud.s3.send(new CreateBucketCommand({ Bucket: name }));
    await cloud.s3.send(new CreateBucketCommand({ Bucket: name }));
    await cloud.s3.send(new HeadBucketCommand({ Bucket: name }));
    const { Buckets } = await cloud.s3.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toContain(name);
    await cloud.s3.send(new PutObjectCommand({ Bucket: name, Key: 'k', Body: 'x' }));
    await expect(cloud.s3.send(new DeleteBucketCommand({ Bucket: name }))).rejects.toMatchObject({
      name: 'BucketNotEmpty',
      ...status(409),
    });
    await cloud.s3.send(new DeleteObjectCommand({ Bucket: name, Key: 'k' }));
    await cloud.s3.send(new DeleteBucketCommand({ Bucket: name }));
    await expect(cloud.s3.send(new HeadBucketCommand({ Bucket: name }))).rejects.toMatchObject(
      status(404),
    );
  });

  test('that is not there is NoSuchBucket, also for a large body, and the connection lives', async () => {
    const missing = { Bucket: uniqueName('missing') };
    await expect(put('k', { ...missing, Body: Buffer.alloc(3_000_000) })).rejects.toMatchObject({
      name: 'NoSuchBucket',
    });
    await put(uniqueName('after'));
  });

  test('has a name that S3 allows', async () => {
    await expect(
      cloud.s3.send(new CreateBucketCommand({ Bucket: 'Not_A_Name' })),
    ).rejects.toMatchObject({ name: 'InvalidBucketName' });
  });
});

// docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
describe('a presigned address', () => {
  const address = (key: string, signedAt: string, seconds: number) =>
    `${cloud.cloud.endpoint}/${Bucket}/${key}?X-Amz-Algorithm=AWS4-HMAC-SHA256` +
    `&X-Amz-Credential=local%2F20260101%2Fus-east-1%2Fs3%2Faws4_request` +
    `&X-Amz-Date=${signedAt}&X-Amz-Expires=${seconds}&X-Amz-SignedHeaders=host&X-Amz-Signature=0`;
  const now = () => new Date().toISOString().replace(/[-:]|\.\d+/g, '');

  test('reads an object without a header, until it has run out', async () => {
    const key = uniqueName('presigned');
    await put(key);
    expect(await (await fetch(address(key, now(), 60))).text()).toBe('body');
    const late = await fetch(address(key, '20200101T000000Z', 60));
    expect(late.status).toBe(403);
    expect(await late.text()).toContain('<Code>AccessDenied</Code>');
  });

  test('must say when it runs out', async () => {
    expect((await fetch(address('k', 'yesterday', 60))).status).toBe(400);
    expect((await fetch(address('k', now(), 604_801))).status).toBe(400);
  });
});

test('what is not served answers 501 and says so', async () => {
  const Key = uniqueName('unserved');
  const notImplemented = { name: 'NotImplemented', ...status(501) };
  await expect(
    cloud.s3.send(new CreateMultipartUploadCommand({ Bucket, Key })),
  ).rejects.toMatchObject(notImplemented);
  await expect(
    cloud.s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/x` })),
  ).rejects.toMatchObject({
    ...notImplemented,
    message: 'The header x-amz-copy-source is not served by local-cloud.',
  });
  await expect(put(Key, { Tagging: 'a=b' })).rejects.toMatchObject(notImplemented);
  await expect(put(Key, { ChecksumAlgorithm: 'CRC32C' })).rejects.toMatchObject(notImplemented);
});

test('a call that is not signed is refused', async () => {
  expect((await fetch(`${cloud.cloud.endpoint}/${Bucket}`)).status).toBe(403);
});
