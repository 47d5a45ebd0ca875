import {
  CreateLaunchTemplateCommand,
  CreateTagsCommand,
  EC2Client,
  TerminateInstancesCommand,
  type RunInstancesCommandInput,
  type InstanceStateName,
} from '@aws-sdk/client-ec2';
import { CreateBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { createQueue } from '../conformance/test-queue.ts';
import { describeOne, run, until } from '../conformance/ec2/test-instances.ts';
import { identify } from '@labelfleet/local-cloud/process-identity';
import {
  startLocalCloud,
  type LocalCloudOptions,
  type LocalCloudProcess,
} from '@labelfleet/testkit/local-cloud';

/** Prints its pid and its metadata endpoint, and keeps running. */
const SCRIPT = 'echo $$ $AWS_EC2_METADATA_SERVICE_ENDPOINT; exec sleep 1000';
const images = { 'ami-1': { command: ['/bin/sh', '-c', SCRIPT] } };

let dataDir: string;
let cloud: LocalCloudProcess;
let ec2: EC2Client;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'local-cloud-restart-'));
});
afterEach(async () => {
  ec2.destroy();
  await cloud.stop();
  await rm(dataDir, { recursive: true });
});

async function start(options: LocalCloudOptions = {}): Promise<void> {
  cloud = await startLocalCloud({ images, dataDir, storage: 'durable', ...options });
  ec2 = new EC2Client(connection());
}

async function kill(): Promise<void> {
  cloud.process.kill('SIGKILL');
  await once(cloud.process, 'exit');
  ec2.destroy();
}

const connection = () => ({
  endpoint: cloud.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});

async function launch(more: Partial<RunInstancesCommandInput> = {}): Promise<string> {
  const [instance] = await run(
    { ec2, imageId: 'ami-1' },
    { InstanceInitiatedShutdownBehavior: 'terminate', ...more },
  );
  return instance?.InstanceId ?? '';
}

const describe = (id: string) => describeOne({ ec2 }, id);
const untilState = (id: string, state: InstanceStateName) => until({ ec2 }, id, state);

/** The lines of the instance's process: pid and metadata endpoint of each start. */
async function starts(id: string): Promise<{ pid: number; metadata: string }[]> {
  const log = await vi.waitFor(
    async () => {
      const text = await readFile(join(dataDir, 'logs', `${id}.log`), 'utf8');
      expect(text).toContain('\n');
      return text;
    },
    { timeout: 10_000, interval: 20 },
  );
  return log
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
    .map(([pid, metadata = '']) => ({ pid: Number(pid), metadata }));
}

async function instanceIdFrom(metadata: string): Promise<string> {
  const seconds = { 'x-aws-ec2-metadata-token-ttl-seconds': '60' };
  const issued = await fetch(`${metadata}/latest/api/token`, { method: 'PUT', headers: seconds });
  const headers = { 'x-aws-ec2-metadata-token': await issued.text() };
  const answer = await fetch(`${metadata}/latest/meta-data/instance-id`, { headers });
  return answer.text();
}

test('finds a running instance again with its tags, token, metadata and end', async () => {
  await start();
  await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: 'worker',
      LaunchTemplateData: { ImageId: 'ami-1', MetadataOptions: { HttpPutResponseHopLimit: 2 } },
    }),
  );
  const byTemplate = { ImageId: undefined, LaunchTemplate: { LaunchTemplateName: 'worker' } };
  const id = await launch({ ClientToken: 'once', ...byTemplate });
  await ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'a', Value: '1' }] }));
  await untilState(id, 'running');
  const before = await describe(id);
  const [process] = await starts(id);
  await kill();
  await start();
  expect(await describe(id)).toEqual(before);
  expect(before?.Tags).toEqual([{ Key: 'a', Value: '1' }]);
  expect(await launch({ ClientToken: 'once', ...byTemplate })).toBe(id);
  expect(await instanceIdFrom(process?.metadata ?? '')).toBe(id);

  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  await untilState(id, 'terminated');
  expect(identify(process?.pid ?? 0)).toBeUndefined();
  expect(await starts(id)).toHaveLength(1);
});

test('terminates an instance whose process ended meanwhile, with the reason', async () => {
  await start();
  const id = await launch();
  await untilState(id, 'running');
  const [first] = await starts(id);
  await kill();
  process.kill(first?.pid ?? 0, 'SIGKILL');
  await vi.waitFor(() => expect(identify(first?.pid ?? 0)).toBeUndefined());
  await start();
  const instance = await describe(id);
  expect(instance?.State?.Name).toBe('terminated');
  expect(instance?.StateReason?.Message).toContain('ended while local-cloud was not running');
});

test('continues the boot of an instance, which starts once', async () => {
  await start({ bootSeconds: 1 });
  const id = await launch();
  await kill();
  await start();
  await untilState(id, 'running');
  expect(await starts(id)).toHaveLength(1);
});

test('still lists instances that a stop terminated, with their data', async () => {
  await start();
  const s3 = new S3Client(connection());
  const sqs = new SQSClient(connection());
  await s3.send(new CreateBucketCommand({ Bucket: 'kept' }));
  const created = (await s3.send(new ListBucketsCommand({}))).Buckets;
  await createQueue(sqs);
  const id = await launch();
  await untilState(id, 'running');
  await cloud.stop();
  s3.destroy();
  ec2.destroy();
  sqs.destroy();
  await start();
  expect((await describe(id))?.State?.Name).toBe('terminated');
  const reader = new S3Client(connection());
  expect((await reader.send(new ListBucketsCommand({}))).Buckets).toEqual(created);
  reader.destroy();
});

test('keeps nothing with storage in memory', async () => {
  await start({ storage: 'memory' });
  const sqs = new SQSClient(connection());
  const { url } = await createQueue(sqs);
  const id = await launch();
  await untilState(id, 'running');
  const [first] = await starts(id);
  sqs.destroy();
  await kill();
  await start({ storage: 'memory', env: { LOG_LEVEL: 'silent' } });
  await expect(describe(id)).rejects.toThrow('does not exist');
  expect(identify(first?.pid ?? 0)).toBeUndefined();
  const reader = new SQSClient(connection());
  const QueueName = url.split('/').at(-1) ?? '';
  await expect(reader.send(new GetQueueUrlCommand({ QueueName }))).rejects.toThrow('not exist');
  reader.destroy();
});
