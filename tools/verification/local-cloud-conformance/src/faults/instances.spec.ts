import {
  CreateTagsCommand,
  DescribeInstancesCommand,
  TerminateInstancesCommand,
  type RunInstancesCommandInput,
  type InstanceStateName,
} from '@aws-sdk/client-ec2';
import { MetadataService } from '@aws-sdk/ec2-metadata-service';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { withLocalCloud } from '../conformance/clients.ts';
import { run, until, describeOne } from '../conformance/ec2/test-instances.ts';
import { FaultsClient } from '@labelfleet/testkit/faults-client';

/** Prints its metadata endpoint and keeps running. */
const PRINTS =
  'console.log(process.env.AWS_EC2_METADATA_SERVICE_ENDPOINT); setInterval(() => {}, 1e6)';
const cloud = withLocalCloud({
  images: { 'ami-stays': { command: [process.execPath, '-e', PRINTS] } },
});
const faults = new FaultsClient(() => cloud.cloud.endpoint);
afterEach(() => faults.clearAll());

const launch = (more: Partial<RunInstancesCommandInput> = {}) =>
  run({ ec2: cloud.ec2, imageId: 'ami-stays' }, { InstanceType: 'c7i.large', ...more });

async function launchOne(more: Partial<RunInstancesCommandInput> = {}): Promise<string> {
  const [instance] = await launch(more);
  return instance?.InstanceId ?? '';
}

const untilState = (id: string, state: InstanceStateName) => until(cloud, id, state);

const subnet = (letter: string) => `subnet-0000000000000000${letter}`;

describe('a launch without room', () => {
  test.each([
    ['of its type', { instanceType: 'c7i.*' }],
    ['in its subnet', { subnet: subnet('b') }],
    ['in its zone', { zone: 'us-east-1b' }],
    ['in its market', { market: 'spot' }],
  ])('%s is refused with the error of EC2, and others are not', async (_where, match) => {
    await faults.set({ kind: 'capacity', match });
    const spot = { MarketType: 'spot' } as const;
    await expect(
      launch({ SubnetId: subnet('b'), InstanceMarketOptions: spot }),
    ).rejects.toMatchObject({
      name: 'InsufficientInstanceCapacity',
      $metadata: { httpStatusCode: 500 },
    });
    expect(await launch({ SubnetId: subnet('a'), InstanceType: 'm7i.large' })).toHaveLength(1);
  });

  test('gets fewer instances than requested if that is enough', async () => {
    await faults.set({ kind: 'capacity', available: 2 });
    expect(await launch({ MinCount: 1, MaxCount: 5 })).toHaveLength(2);
    await expect(launch({ MinCount: 3, MaxCount: 5 })).rejects.toThrow('sufficient c7i.large');
  });

  test('is refused with the given code', async () => {
    await faults.set({ kind: 'capacity', code: 'VcpuLimitExceeded' });
    await expect(launch()).rejects.toMatchObject({
      name: 'VcpuLimitExceeded',
      $metadata: { httpStatusCode: 400 },
    });
  });

  test('does not use up its client token', async () => {
    await faults.set({ kind: 'capacity', count: 1 });
    await expect(launch({ ClientToken: 'again' })).rejects.toThrow();
    expect(await launch({ ClientToken: 'again' })).toHaveLength(1);
  });
});

test('finds a launch with a lost reply by its client token', async () => {
  await faults.set({ kind: 'lost-reply', action: 'RunInstances', count: 1 });
  await expect(launch({ ClientToken: 'lost' })).rejects.toThrow();
  const [again, ...more] = await launch({ ClientToken: 'lost' });
  expect(more).toEqual([]);
  expect(await describeOne(cloud, again?.InstanceId ?? '')).toMatchObject({ ClientToken: 'lost' });
});

describe('a boot', () => {
  test('takes the given time', async () => {
    await faults.set({ kind: 'boot-delay', seconds: 1000, count: 1 });
    const slow = await launchOne();
    const quick = await launchOne();
    await untilState(quick, 'running');
    expect((await describeOne(cloud, slow))?.State?.Name).toBe('pending');
  });

  test('that fails ends in the state terminated, with its reason', async () => {
    await faults.set({ kind: 'boot-failure', count: 1 });
    const id = await launchOne();
    await untilState(id, 'terminated');
    expect((await describeOne(cloud, id))?.StateReason?.Code).toBe('Server.InternalError');
  });
});

describe('a Spot notice', () => {
  const metadataOf = async (id: string) => {
    const log = () =>
      fetch(`${cloud.cloud.endpoint}/_local/instances/${id}/log`).then((answer) => answer.text());
    const endpoint = await vi.waitFor(
      async () => {
        const text = (await log()).trim();
        expect(text).toMatch(/^http/);
        return text;
      },
      { timeout: 10_000, interval: 10 },
    );
    const service = new MetadataService({ endpoint, ec2MetadataV1Disabled: true, retries: 0 });
    return () => service.request('/latest/meta-data/spot/instance-action', {});
  };

  test('is in the metadata of a running instance, which is terminated later', async () => {
    const id = await launchOne();
    await untilState(id, 'running');
    const action = await metadataOf(id);
    await expect(action()).rejects.toThrow();
    await faults.set({ kind: 'spot-notice', match: { instance: id }, noticeSeconds: 0.4 });
    expect(JSON.parse(await action())).toEqual({
      action: 'terminate',
      time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    });
    await untilState(id, 'terminated');
    expect((await describeOne(cloud, id))?.StateReason?.Code).toBe(
      'Server.SpotInstanceTermination',
    );
  });

  test('reaches instances that start later too', async () => {
    await faults.set({ kind: 'spot-notice', noticeSeconds: 1000, match: { zone: 'us-east-1c' } });
    const spared = await launchOne({ SubnetId: subnet('a') });
    const hit = await launchOne({ SubnetId: subnet('c') });
    await untilState(spared, 'running');
    await untilState(hit, 'running');
    const [entry, ...more] = await faults.log({
      fault: `spot-notice-${await newest('spot-notice')}`,
    });
    expect(entry?.facts.instance).toEqual([hit]);
    expect(more).toEqual([]);
  });

  const newest = async (kind: string) =>
    (await faults.list())
      .find(({ id }) => id.startsWith(kind))
      ?.id.split('-')
      .at(-1);
});

describe('a delayed Describe', () => {
  const describeAll = async () => {
    const { Reservations = [] } = await cloud.ec2.send(new DescribeInstancesCommand({}));
    return Reservations.flatMap(({ Instances = [] }) => Instances);
  };

  test('does not show new instances', async () => {
    await faults.set({ kind: 'stale-describe', seconds: 1000 });
    const id = await launchOne();
    expect(await describeAll()).toEqual([]);
    await expect(describeOne(cloud, id)).rejects.toMatchObject({
      name: 'InvalidInstanceID.NotFound',
    });
    await cloud.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  });

  test('shows earlier tags', async () => {
    const id = await launchOne();
    const tag = (Value: string) =>
      cloud.ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'drain', Value }] }));
    const shown = async () => (await describeOne(cloud, id))?.Tags?.[0]?.Value;
    await tag('old');
    await faults.set({ kind: 'stale-describe', seconds: 0.5 });
    const becomes = (value: string) =>
      vi.waitFor(async () => expect(await shown()).toBe(value), { timeout: 10_000, interval: 20 });
    await becomes('old'); // until then the instance is too new to be shown
    await tag('new');
    expect(await shown()).toBe('old');
    await becomes('new');
  });

  test('can be limited to other calls', async () => {
    await faults.set({ kind: 'stale-describe', action: 'ec2:*', seconds: 1000 });
    const id = await launchOne();
    await expect(
      cloud.ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'a', Value: 'b' }] })),
    ).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound' });
  });
});
