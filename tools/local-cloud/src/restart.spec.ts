import { CreateLaunchTemplateCommand } from '@aws-sdk/client-ec2';
import { CreateBucketCommand, ListBucketsCommand } from '@aws-sdk/client-s3';
import { GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import { expect, test, vi } from 'vitest';

import type { LocalCloudOptions } from '@labelfleet/testkit/local-cloud';
import { RestartableCloud } from '@labelfleet/testkit/restartable-cloud';
import {
  describeOne,
  instanceIdFrom,
  launchOne,
  PRINTS_STARTS,
  setTag,
  startsOf,
  terminate,
  untilState,
} from '@labelfleet/testkit/test-instances';
import { createQueue } from '@labelfleet/testkit/test-queue';
import { identify } from './ec2/processes/process-identity.ts';

const start = (options: LocalCloudOptions = {}) =>
  RestartableCloud.start({ images: { 'ami-1': PRINTS_STARTS }, ...options });

const launch = ({ clients: { ec2 } }: RestartableCloud, more: object = {}) =>
  launchOne({ ec2, imageId: 'ami-1' }, { InstanceInitiatedShutdownBehavior: 'terminate', ...more });

/** Waits for the first start of an instance, and checks that there is no other. */
const onlyStart = ({ dataDir }: RestartableCloud, id: string) =>
  vi.waitFor(
    async () => {
      const [first, ...more] = await startsOf(dataDir, id);
      if (first === undefined) throw new Error(`${id} has not started`);
      expect(more).toEqual([]);
      return first;
    },
    { timeout: 10_000, interval: 20 },
  );

test('finds a running instance again with its tags, token, metadata and end', async () => {
  await using cloud = await start();
  const { ec2 } = cloud.clients;
  await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: 'worker',
      LaunchTemplateData: { ImageId: 'ami-1', MetadataOptions: { HttpPutResponseHopLimit: 2 } },
    }),
  );
  const byTemplate = { ImageId: undefined, LaunchTemplate: { LaunchTemplateName: 'worker' } };
  const id = await launch(cloud, { ClientToken: 'once', ...byTemplate });
  await setTag({ ec2 }, id, 'a', '1');
  await untilState({ ec2 }, id, 'running');
  const before = await describeOne({ ec2 }, id);
  const { pid, metadata } = await onlyStart(cloud, id);
  await cloud.kill();
  await cloud.start();
  expect(await describeOne({ ec2 }, id)).toEqual(before);
  expect(before?.Tags).toContainEqual({ Key: 'a', Value: '1' });
  expect(await launch(cloud, { ClientToken: 'once', ...byTemplate })).toBe(id);
  expect(await instanceIdFrom(metadata)).toBe(id);

  await terminate({ ec2 }, id);
  await untilState({ ec2 }, id, 'terminated');
  expect(identify(pid)).toBeUndefined();
  await onlyStart(cloud, id);
});

test('terminates an instance whose process ended meanwhile, with the reason', async () => {
  await using cloud = await start();
  const id = await launch(cloud);
  await untilState(cloud.clients, id, 'running');
  const { pid } = await onlyStart(cloud, id);
  await cloud.kill();
  process.kill(pid, 'SIGKILL');
  await vi.waitFor(() => expect(identify(pid)).toBeUndefined());
  await cloud.start();
  const instance = await describeOne(cloud.clients, id);
  expect(instance?.State?.Name).toBe('terminated');
  expect(instance?.StateReason?.Message).toContain('ended while local-cloud was not running');
});

test('continues the boot of an instance, which starts once', async () => {
  await using cloud = await start({ bootSeconds: 1 });
  const id = await launch(cloud);
  await cloud.kill();
  await cloud.start({ bootSeconds: 0 });
  await untilState(cloud.clients, id, 'running');
  await onlyStart(cloud, id);
});

test('still lists instances that a stop terminated, with their data', async () => {
  await using cloud = await start();
  const { s3, sqs } = cloud.clients;
  await s3.send(new CreateBucketCommand({ Bucket: 'kept' }));
  const { Buckets } = await s3.send(new ListBucketsCommand({}));
  await createQueue(sqs);
  const id = await launch(cloud);
  await untilState(cloud.clients, id, 'running');
  await cloud.stop();
  await cloud.start();
  expect((await describeOne(cloud.clients, id))?.State?.Name).toBe('terminated');
  expect((await s3.send(new ListBucketsCommand({}))).Buckets).toEqual(Buckets);
});

test('keeps nothing with storage in memory', async () => {
  await using cloud = await start({ storage: 'memory' });
  const { sqs } = cloud.clients;
  const { name } = await createQueue(sqs);
  const id = await launch(cloud);
  await untilState(cloud.clients, id, 'running');
  const { pid } = await onlyStart(cloud, id);
  await cloud.kill();
  await cloud.start({ env: { LOG_LEVEL: 'silent' } });
  await expect(describeOne(cloud.clients, id)).rejects.toThrow('does not exist');
  expect(identify(pid)).toBeUndefined();
  const url = sqs.send(new GetQueueUrlCommand({ QueueName: name }));
  await expect(url).rejects.toThrow('not exist');
});
