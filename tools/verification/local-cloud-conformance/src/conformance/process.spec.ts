import { EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { identify } from '@labelfleet/local-cloud/process-identity';
import { startLocalCloud, type LocalCloudProcess } from '@labelfleet/testkit/local-cloud';
import { createBucket } from './s3/test-bucket.ts';
import { TestUpload } from './s3/test-upload.ts';

/** Prints its pid and that of a child process, and keeps running. */
const FAMILY = `
  const child = require('node:child_process').spawn('sleep', ['1000']);
  console.log(JSON.stringify([process.pid, child.pid]));
  setInterval(() => {}, 1e6);`;
const images = { 'ami-family': { command: [process.execPath, '-e', FAMILY] } };

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'local-cloud-process-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

const connection = ({ endpoint }: LocalCloudProcess) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});

/** Launches an instance. @returns the pids of its processes */
async function launch(cloud: LocalCloudProcess): Promise<number[]> {
  const ec2 = new EC2Client(connection(cloud));
  const { Instances } = await ec2.send(
    new RunInstancesCommand({ ImageId: 'ami-family', MinCount: 1, MaxCount: 1 }),
  );
  ec2.destroy();
  const log = join(dataDir, 'logs', `${Instances?.[0]?.InstanceId}.log`);
  return vi.waitFor(async () => JSON.parse(await readFile(log, 'utf8')) as number[], {
    timeout: 10_000,
    interval: 10,
  });
}

const alive = (pids: readonly number[]) => pids.filter((pid) => identify(pid) !== undefined);

const untilGone = (pids: readonly number[]) =>
  vi.waitFor(() => expect(alive(pids)).toEqual([]), { timeout: 10_000, interval: 10 });

test('ends the whole process group of every instance at a stop', async () => {
  const cloud = await startLocalCloud({ images, dataDir });
  const pids = await launch(cloud);
  expect(alive(pids)).toEqual(pids);
  await cloud.stop();
  await untilGone(pids);
  expect(await readdir(join(dataDir, 'processes'))).toEqual([]);
});

test('stops at the end of its standard input', async () => {
  const cloud = await startLocalCloud({ images, dataDir });
  const pids = await launch(cloud);
  cloud.process.stdin?.end();
  const [code] = (await once(cloud.process, 'exit')) as [number];
  expect(code).toBe(0);
  await untilGone(pids);
});

test('ends the processes that SIGKILL left running at the next start, and has its objects again', async () => {
  const first = await startLocalCloud({ images, dataDir });
  const pids = await launch(first);
  const s3 = new S3Client(connection(first));
  await s3.send(new CreateBucketCommand({ Bucket: 'kept' }));
  await s3.send(
    new PutObjectCommand({ Bucket: 'kept', Key: 'a/b', Body: 'x', Metadata: { m: '1' } }),
  );
  s3.destroy();
  first.process.kill('SIGKILL');
  await once(first.process, 'exit');
  expect(alive(pids)).toEqual(pids);

  await using second = await startLocalCloud({ images, dataDir, env: { LOG_LEVEL: 'silent' } });
  await untilGone(pids);
  const reader = new S3Client(connection(second));
  const object = await reader.send(new GetObjectCommand({ Bucket: 'kept', Key: 'a/b' }));
  expect(object.Metadata).toEqual({ m: '1' });
  expect(await object.Body?.transformToString()).toBe('x');
  reader.destroy();
});

test.each([
  ['a port that is in use', (port: string) => ({ LOCAL_CLOUD_PORT: port }), /Port \d+ .*in use/],
  ['a data folder that is in use', () => ({ LOCAL_CLOUD_DATA_DIR: dataDir }), /in use by process/],
])('prints one line and exits with 69 for %s', async (_what, override, line) => {
  await using cloud = await startLocalCloud({ dataDir });
  const port = new URL(cloud.endpoint).port;
  const other = await mkdtemp(join(tmpdir(), 'local-cloud-other-'));
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('../../../../local-cloud/src/main.ts', import.meta.url))],
    {
      env: { LOCAL_CLOUD_PORT: '0', LOCAL_CLOUD_DATA_DIR: other, ...override(port) },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let stderr = '';
  child.stderr.on('data', (data) => (stderr += String(data)));
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(69);
  expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(line)]);
  await rm(other, { recursive: true });
});

test('lets no other user read or write its data', async () => {
  await chmod(dataDir, 0o755); // as an earlier version may have left it
  const cloud = await startLocalCloud({ images, dataDir, storage: 'durable' });
  await launch(cloud);
  const s3 = new S3Client({ ...connection(cloud), forcePathStyle: true });
  const bucket = await createBucket(s3);
  await bucket.put('k');
  await (await TestUpload.create(s3, bucket, 'parts')).put(1, 'x');
  s3.destroy();
  const files = await readdir(dataDir, { recursive: true });
  expect(files.length).toBeGreaterThan(8);
  for (const file of ['.', ...files]) {
    const { mode } = await stat(join(dataDir, file));
    expect([file, mode & 0o077]).toEqual([file, 0]);
  }
  await cloud.stop();
});
