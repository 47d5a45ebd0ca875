import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { RestartableCloud } from '@labelfleet/testkit/restartable-cloud';
import { createBucket, PART_BYTES, type TestBucket } from '@labelfleet/testkit/test-bucket';

let cloud: RestartableCloud;
let bucket: TestBucket;
beforeEach(async () => {
  cloud = await RestartableCloud.start();
  bucket = await createBucket(cloud.clients.s3);
});
afterEach(() => cloud[Symbol.asyncDispose]());

async function restart(meanwhile: () => Promise<void> = async () => {}): Promise<void> {
  await cloud.kill();
  await meanwhile();
  await cloud.start();
}

const uploadsLeft = () => readdir(join(cloud.dataDir, 'multipart'));

test('continues an upload after SIGKILL between any two of its steps', async () => {
  const upload = await bucket.upload('k', { ContentType: 'image/png' });
  await restart();
  const parts = [await upload.put(1, Buffer.alloc(PART_BYTES, 'a'))];
  await restart();
  expect(await upload.numbers()).toEqual([1]);
  parts.push(await upload.put(2, 'end'));
  await restart();
  await upload.complete(parts);
  await restart();
  expect((await bucket.head('k')).ContentType).toBe('image/png');
  expect(await bucket.text('k')).toBe(`${'a'.repeat(PART_BYTES)}end`);
  expect(await uploadsLeft()).toEqual([]);
});

test('drops a part that SIGKILL cut off, and keeps the one before', async () => {
  const upload = await bucket.upload('k');
  const first = await upload.put(1, 'first');
  const socket = connect(Number(new URL(cloud.endpoint).port), '127.0.0.1');
  socket.on('error', () => {}); // the server is killed during the upload
  socket.write(
    `PUT /${bucket.name}/k?partNumber=1&uploadId=${upload.of.UploadId} HTTP/1.1\r\nHost: 127.0.0.1\r\n` +
      'Authorization: AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/s3/aws4_request\r\n' +
      `Content-Length: 3000000\r\n\r\n${'a'.repeat(2_000_000)}`, // a smaller body would be kept in memory
  );
  const begun = () => readdir(join(cloud.dataDir, 'uploads'));
  await vi.waitFor(async () => expect(await begun()).toHaveLength(1));
  await restart();
  expect(await begun()).toEqual([]);
  await upload.complete([first]);
  expect(await bucket.text('k')).toBe('first');
});

test('answers a repeated completion that was stored but not answered', async () => {
  const upload = await bucket.upload('k');
  const parts = [await upload.put(1, 'one')];
  // The server was killed right after it stored the object, so the upload's folder still exists.
  const folder = join(cloud.dataDir, 'multipart', upload.of.UploadId);
  const kept = `${cloud.dataDir}-kept`;
  await cp(folder, kept, { recursive: true });
  const { ETag } = await upload.complete(parts);
  await restart(() => cp(kept, folder, { recursive: true }));
  await rm(kept, { recursive: true });
  expect(await uploadsLeft()).toEqual([]);
  const repeated = await upload.complete(parts, { IfNoneMatch: '*' });
  expect(repeated.ETag).toBe(ETag);
  expect(await bucket.text('k')).toBe('one');
});

test('aborts an upload that was abandoned a week ago, and keeps a newer one', async () => {
  const old = await bucket.upload('old');
  await old.put(1, 'one');
  const young = await bucket.upload('young');
  await restart(async () => {
    for (const [upload, days] of [
      [old, 7.1],
      [young, 6.9],
    ] as const) {
      const path = join(cloud.dataDir, 'multipart', upload.of.UploadId, 'upload.json');
      const record = JSON.parse(await readFile(path, 'utf8')) as object;
      const initiatedMs = Date.now() - days * 86_400_000;
      await writeFile(path, JSON.stringify({ ...record, initiatedMs }));
    }
  });
  const list = new ListMultipartUploadsCommand({ Bucket: bucket.name });
  const { Uploads } = await cloud.clients.s3.send(list);
  expect(Uploads?.map(({ Key }) => Key)).toEqual(['young']);
  expect(await uploadsLeft()).toEqual([young.of.UploadId]);
});
