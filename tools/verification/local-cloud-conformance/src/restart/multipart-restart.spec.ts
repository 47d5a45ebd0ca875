import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { createBucket, TestBucket } from '../conformance/s3/test-bucket.ts';
import { PART_BYTES, TestUpload } from '../conformance/s3/test-upload.ts';
import { startLocalCloud, type LocalCloudProcess } from '@labelfleet/testkit/local-cloud';

let dataDir: string;
let cloud: LocalCloudProcess;
let s3: S3Client;

async function start(): Promise<void> {
  cloud = await startLocalCloud({ dataDir, storage: 'durable' });
  s3 = new S3Client({
    endpoint: cloud.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    forcePathStyle: true,
    maxAttempts: 1,
  });
}

/** Kills the server and restarts it on its data. */
async function restart(meanwhile: () => Promise<void> = async () => {}): Promise<void> {
  cloud.process.kill('SIGKILL');
  await once(cloud.process, 'exit');
  s3.destroy();
  await meanwhile();
  await start();
}

/** The same bucket with the current client. */
const again = (bucket: TestBucket) => new TestBucket(s3, bucket.name);

const uploadsLeft = () => readdir(join(dataDir, 'multipart'));

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'local-cloud-multipart-'));
  await start();
});
afterEach(async () => {
  s3.destroy();
  await cloud.stop();
  await rm(dataDir, { recursive: true });
});

test('continues an upload after SIGKILL between any two of its steps', async () => {
  const bucket = await createBucket(s3);
  let upload = await TestUpload.create(s3, bucket, 'k', { ContentType: 'image/png' });
  await restart();
  upload = upload.seenBy(s3);
  const parts = [await upload.put(1, Buffer.alloc(PART_BYTES, 'a'))];
  await restart();
  upload = upload.seenBy(s3);
  expect(await upload.numbers()).toEqual([1]);
  parts.push(await upload.put(2, 'end'));
  await restart();
  await upload.seenBy(s3).complete(parts);
  await restart();
  const object = await again(bucket).get('k');
  expect(object.ContentType).toBe('image/png');
  const body = (await object.Body?.transformToString()) ?? '';
  expect(body).toBe(`${'a'.repeat(PART_BYTES)}end`);
  expect(await uploadsLeft()).toEqual([]);
});

test('drops a part that SIGKILL cut off, and keeps the one before', async () => {
  const bucket = await createBucket(s3);
  const upload = await TestUpload.create(s3, bucket, 'k');
  const first = await upload.put(1, 'first');
  const socket = connect(Number(new URL(cloud.endpoint).port), '127.0.0.1');
  socket.on('error', () => {}); // the server is killed during the upload
  socket.write(
    `PUT /${bucket.name}/k?partNumber=1&uploadId=${upload.of.UploadId} HTTP/1.1\r\nHost: 127.0.0.1\r\n` +
      'Authorization: AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/s3/aws4_request\r\n' +
      'Content-Length: 100\r\n\r\nhalf of',
  );
  await vi.waitFor(async () => expect(await readdir(join(dataDir, 'uploads'))).toHaveLength(1));
  await restart();
  expect(await readdir(join(dataDir, 'uploads'))).toEqual([]);
  await upload.seenBy(s3).complete([first]);
  expect(await again(bucket).text('k')).toBe('first');
});

test('answers a repeated completion that was stored but not answered', async () => {
  const bucket = await createBucket(s3);
  const upload = await TestUpload.create(s3, bucket, 'k');
  const parts = [await upload.put(1, 'one')];
  // The server was killed right after it stored the object, so the upload's folder still exists.
  const folder = join(dataDir, 'multipart', upload.of.UploadId);
  const kept = `${dataDir}-kept`;
  await cp(folder, kept, { recursive: true });
  const { ETag } = await upload.complete(parts);
  await restart(() => cp(kept, folder, { recursive: true }));
  await rm(kept, { recursive: true });
  expect(await uploadsLeft()).toEqual([]);
  const repeated = await upload.seenBy(s3).complete(parts, { IfNoneMatch: '*' });
  expect(repeated.ETag).toBe(ETag);
  expect(await again(bucket).text('k')).toBe('one');
});

test('aborts an upload that was abandoned a week ago, and keeps a newer one', async () => {
  const bucket = await createBucket(s3);
  const old = await TestUpload.create(s3, bucket, 'old');
  await old.put(1, 'one');
  const young = await TestUpload.create(s3, bucket, 'young');
  await restart(async () => {
    for (const [upload, days] of [
      [old, 7.1],
      [young, 6.9],
    ] as const) {
      const path = join(dataDir, 'multipart', upload.of.UploadId, 'upload.json');
      const record = JSON.parse(await readFile(path, 'utf8')) as object;
      const initiatedMs = Date.now() - days * 86_400_000;
      await writeFile(path, JSON.stringify({ ...record, initiatedMs }));
    }
  });
  const { Uploads } = await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket.name }));
  expect(Uploads?.map(({ Key }) => Key)).toEqual(['young']);
  expect(await uploadsLeft()).toEqual([young.of.UploadId]);
});
