import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { startLocalCloud } from '@labelfleet/testkit/local-cloud';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'local-cloud-disk-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

/** The clients of a local cloud, without retries so that the tests see each answer. */
function connect({ endpoint }: { endpoint: string }) {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const connection = { endpoint, region: 'us-east-1', credentials, maxAttempts: 1 };
  const s3 = new S3Client({ ...connection, forcePathStyle: true });
  const sqs = new SQSClient(connection);
  return {
    s3,
    sqs,
    [Symbol.dispose]() {
      s3.destroy();
      sqs.destroy();
    },
  };
}

const INTERNAL_ERROR = { name: 'InternalError', $metadata: { httpStatusCode: 500 } };

/** A file system of 2 MB; undefined if this process may not mount one. */
function mountSmall(folder: string): Disposable | undefined {
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder]);
  if (status !== 0) return undefined;
  return { [Symbol.dispose]: () => void spawnSync('umount', ['-l', folder]) };
}

test('acknowledges nothing that a full disk cannot store, and continues when there is room', async (context) => {
  using mounted = mountSmall(dataDir);
  if (mounted === undefined) return context.skip('tmpfs cannot be mounted here');
  await using cloud = await startLocalCloud({
    dataDir,
    storage: 'durable',
    env: { LOG_LEVEL: 'silent' },
  });
  using clients = connect(cloud);
  const { s3, sqs } = clients;
  const Bucket = 'bucket';
  await s3.send(new CreateBucketCommand({ Bucket }));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'queue' }));

  const acknowledged: { Key: string; size: number }[] = [];
  const refused: unknown[] = [];
  // The first ones do not fit, and smaller ones fill the rest.
  for (const size of [900_000, 900_000, 900_000, 90_001, 90_001, 9_003, 9_003]) {
    const Key = `object-${acknowledged.length + refused.length}`;
    const Body = Buffer.alloc(size, 'x');
    await s3.send(new PutObjectCommand({ Bucket, Key, Body })).then(
      () => acknowledged.push({ Key, size }),
      (error: unknown) => refused.push(error),
    );
  }
  expect(refused.length).toBeGreaterThan(0);
  for (const error of refused) expect(error).toMatchObject(INTERNAL_ERROR);
  for (const { Key, size } of acknowledged) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    expect((await Body?.transformToByteArray())?.length).toBe(size);
  }

  // As much as there is room for.
  await writeFile(join(dataDir, 'filler'), Buffer.alloc(2_097_152)).catch(() => undefined);
  const MessageBody = 'm'.repeat(100_000);
  await expect(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }))).rejects.toMatchObject({
    ...INTERNAL_ERROR,
    name: 'InternalFailure', // the name that SQS uses
  });
  await s3.send(new DeleteObjectCommand({ Bucket, Key: acknowledged[0]?.Key }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'there is room again' }));
  const { Messages } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
  );
  expect(Messages?.map(({ Body }) => Body)).toContain('there is room again');
});

test('answers with an error for an object whose file is missing, and for a put into a missing folder', async () => {
  await using cloud = await startLocalCloud({ dataDir, env: { LOG_LEVEL: 'silent' } });
  using clients = connect(cloud);
  const { s3 } = clients;
  const object = { Bucket: 'bucket', Key: 'key' };
  await s3.send(new CreateBucketCommand({ Bucket: 'bucket' }));
  await s3.send(new PutObjectCommand({ ...object, Body: 'x' }));
  await rm(dataDir, { recursive: true });
  await expect(s3.send(new GetObjectCommand(object))).rejects.toMatchObject(INTERNAL_ERROR);
  await expect(s3.send(new PutObjectCommand({ ...object, Body: 'x' }))).rejects.toMatchObject(
    INTERNAL_ERROR,
  );
});

test('answers as usual when its log cannot be written', async () => {
  await using cloud = await startLocalCloud({ dataDir, env: { LOG_LEVEL: 'trace' } });
  // The reader of its log disconnects; each failure below writes a log line.
  cloud.process.stdout?.destroy();
  using clients = connect(cloud);
  const { s3 } = clients;
  await s3.send(new CreateBucketCommand({ Bucket: 'bucket' }));
  await rm(dataDir, { recursive: true });
  for (let call = 1; call <= 5; call++)
    await expect(
      s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'key', Body: 'x' })),
    ).rejects.toMatchObject(INTERNAL_ERROR);
});
