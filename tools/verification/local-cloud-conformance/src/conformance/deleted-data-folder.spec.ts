import { DescribeInstancesCommand, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';

import { startLocalCloud } from '@labelfleet/testkit/local-cloud';
import { connectTo } from './clients.ts';
import { createBucket, status } from './s3/test-bucket.ts';
import { TestUpload } from './s3/test-upload.ts';
import { createQueue } from './test-queue.ts';

const internal = (name: string) => ({ name, ...status(500) });

test.each(['durable', 'memory'] as const)(
  'with its data folder deleted it answers with errors, and stops within seconds (%s)',
  { timeout: 10_000 },
  async (storage) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'local-cloud-deleted-'));
    const images = { 'ami-1': { command: ['sleep', '1000'] } };
    const env = { LOG_LEVEL: 'silent' };
    await using cloud = await startLocalCloud({ dataDir, storage, images, env });
    using clients = connectTo(cloud);
    const { s3, sqs, ec2 } = clients;
    const bucket = await createBucket(s3);
    await bucket.put('there');
    const upload = await TestUpload.create(s3, bucket, 'parts');
    await upload.put(1, 'one');
    const queue = await createQueue(sqs);
    await ec2.send(new RunInstancesCommand({ ImageId: 'ami-1', MinCount: 1, MaxCount: 1 }));
    await vi.waitFor(async () => {
      const { Reservations } = await ec2.send(new DescribeInstancesCommand({}));
      expect(Reservations?.[0]?.Instances?.[0]?.State?.Name).toBe('running');
    });

    await rm(dataDir, { recursive: true });
    const Bucket = bucket.name;
    for (const call of [
      () => s3.send(new GetObjectCommand({ Bucket, Key: 'there' })),
      () => s3.send(new PutObjectCommand({ Bucket, Key: 'new', Body: 'x' })),
      () => bucket.remove('there'),
      () => upload.put(2, 'two'),
      () => TestUpload.create(s3, bucket, 'other'),
      () => s3.send(new CreateBucketCommand({ Bucket: `${Bucket}-2` })),
    ]) {
      await expect(call()).rejects.toMatchObject(internal('InternalError'));
    }
    if (storage === 'durable') {
      await expect(queue.send('m')).rejects.toMatchObject(internal('InternalFailure'));
    } else await queue.send('m');
    const stopped = once(cloud.process, 'exit');
    cloud.process.kill('SIGINT');
    await stopped;
  },
);
