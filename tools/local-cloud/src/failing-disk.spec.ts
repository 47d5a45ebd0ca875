import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { expectError } from '@labelfleet/testkit/expect-error';
import { RestartableCloud } from '@labelfleet/testkit/restartable-cloud';
import { createBucket } from '@labelfleet/testkit/test-bucket';
import { launchOne, untilState } from '@labelfleet/testkit/test-instances';
import { createQueue } from '@labelfleet/testkit/test-queue';

const env = { LOG_LEVEL: 'silent' };

/** A file system of 2 MB; undefined if this process may not mount one. */
function mountSmall(folder: string): Disposable | undefined {
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder]);
  if (status !== 0) return undefined;
  return { [Symbol.dispose]: () => void spawnSync('umount', ['-l', folder]) };
}

test('acknowledges nothing that a full disk cannot store, and continues when there is room', async (context) => {
  await using cloud = await RestartableCloud.create({ env });
  using mounted = mountSmall(cloud.dataDir);
  if (mounted === undefined) return context.skip('tmpfs cannot be mounted here');
  await cloud.start();
  const bucket = await createBucket(cloud.clients.s3);
  const queue = await createQueue(cloud.clients.sqs);

  const acknowledged: { key: string; size: number }[] = [];
  const refused: unknown[] = [];
  // The first ones do not fit, and smaller ones fill the rest.
  for (const size of [900_000, 900_000, 900_000, 90_001, 90_001, 9_003, 9_003]) {
    const key = `object-${acknowledged.length + refused.length}`;
    await bucket.put(key, { Body: Buffer.alloc(size, 'x') }).then(
      () => acknowledged.push({ key, size }),
      (error: unknown) => refused.push(error),
    );
  }
  expect(refused.length).toBeGreaterThan(0);
  for (const error of refused) {
    expect(error).toMatchObject({ name: 'InternalError', $metadata: { httpStatusCode: 500 } });
  }
  for (const { key, size } of acknowledged) expect(await bucket.bytes(key)).toHaveLength(size);

  // As much as there is room for.
  await writeFile(join(cloud.dataDir, 'filler'), Buffer.alloc(2_097_152)).catch(() => undefined);
  await expectError(queue.send('m'.repeat(100_000)), 'InternalFailure', 500);
  await bucket.remove(acknowledged[0]?.key ?? '');
  await queue.send('there is room again');
  expect(await queue.bodies({ WaitTimeSeconds: 1 })).toContain('there is room again');
});

test.each(['durable', 'memory'] as const)(
  'with its data folder deleted it answers with errors, and stops within seconds (%s)',
  { timeout: 10_000 },
  async (storage) => {
    const images = { 'ami-1': { command: ['sleep', '1000'] } };
    await using cloud = await RestartableCloud.start({ storage, images, env });
    const { s3, sqs, ec2 } = cloud.clients;
    const bucket = await createBucket(s3);
    await bucket.put('there');
    const upload = await bucket.upload('parts');
    await upload.put(1, 'one');
    const queue = await createQueue(sqs);
    await untilState({ ec2 }, await launchOne({ ec2, imageId: 'ami-1' }), 'running');

    await rm(cloud.dataDir, { recursive: true });
    for (const call of [
      () => bucket.get('there'),
      () => bucket.put('new'),
      () => bucket.put('new', { IfMatch: '"none"' }),
      () => bucket.remove('there'),
      () => upload.put(2, 'two'),
      () => bucket.upload('other'),
      () => s3.send(new CreateBucketCommand({ Bucket: `${bucket.name}-2` })),
    ]) {
      await expectError(call(), 'InternalError', 500);
    }
    if (storage === 'durable') await expectError(queue.send('m'), 'InternalFailure', 500);
    else await queue.send('m');
    const stopped = once(cloud.server, 'exit');
    cloud.server.kill('SIGINT');
    await stopped;
  },
);

test('answers as usual when its log cannot be written', async () => {
  await using cloud = await RestartableCloud.start({
    storage: 'memory',
    env: { LOG_LEVEL: 'trace' },
  });
  // The reader of its log disconnects; each failure below writes a log line.
  cloud.server.stdout?.destroy();
  const bucket = await createBucket(cloud.clients.s3);
  await rm(cloud.dataDir, { recursive: true });
  for (let call = 1; call <= 5; call++) await expectError(bucket.put('k'), 'InternalError', 500);
});
