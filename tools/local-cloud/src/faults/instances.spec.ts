import { DescribeInstancesCommand, type RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import { MetadataService } from '@aws-sdk/ec2-metadata-service';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { expectError } from '@labelfleet/testkit/expect-error';
import { FaultsClient } from '@labelfleet/testkit/faults-client';
import {
  describeOne,
  idsOf,
  launch as launchIn,
  PRINTS_STARTS,
  setTag,
  terminate,
  untilState,
} from '@labelfleet/testkit/test-instances';
import { STAYS, useLocalCloud } from '@labelfleet/testkit/use-local-cloud';

const cloud = useLocalCloud({ images: { [STAYS]: PRINTS_STARTS } });
const faults = new FaultsClient(() => cloud.endpoint);
afterEach(() => faults.clearAll());

const launch = (more: Partial<RunInstancesCommandInput> = {}) =>
  launchIn(cloud, { InstanceType: 'c7i.large', ...more });

async function launchOne(more: Partial<RunInstancesCommandInput> = {}): Promise<string> {
  const [id = ''] = idsOf(await launch(more));
  return id;
}

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
    const refused = launch({ SubnetId: subnet('b'), InstanceMarketOptions: spot });
    await expectError(refused, 'InsufficientInstanceCapacity', 500);
    expect(await launch({ SubnetId: subnet('a'), InstanceType: 'm7i.large' })).toHaveLength(1);
  });

  test('gets fewer instances than requested if that is enough', async () => {
    await faults.set({ kind: 'capacity', available: 2 });
    expect(await launch({ MinCount: 1, MaxCount: 5 })).toHaveLength(2);
    await expect(launch({ MinCount: 3, MaxCount: 5 })).rejects.toThrow('sufficient c7i.large');
  });

  test('is refused with the given code', async () => {
    await faults.set({ kind: 'capacity', code: 'VcpuLimitExceeded' });
    await expectError(launch(), 'VcpuLimitExceeded', 400);
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
  const [again = '', ...more] = idsOf(await launch({ ClientToken: 'lost' }));
  expect(more).toEqual([]);
  expect(await describeOne(cloud, again)).toMatchObject({ ClientToken: 'lost' });
});

describe('a boot', () => {
  test('takes the given time', async () => {
    await faults.set({ kind: 'boot-delay', seconds: 1000, count: 1 });
    const slow = await launchOne();
    const quick = await launchOne();
    await untilState(cloud, quick, 'running');
    expect((await describeOne(cloud, slow))?.State?.Name).toBe('pending');
  });

  test('that fails ends in the state terminated, with its reason', async () => {
    await faults.set({ kind: 'boot-failure', count: 1 });
    const id = await launchOne();
    await untilState(cloud, id, 'terminated');
    expect((await describeOne(cloud, id))?.StateReason?.Code).toBe('Server.InternalError');
  });
});

describe('a Spot notice', () => {
  const actionOf = async (id: string) => {
    const endpoint = await vi.waitFor(
      async () => {
        const log = await fetch(`${cloud.endpoint}/_local/instances/${id}/log`);
        const [, printed] = /(http\S+)\n/.exec(await log.text()) ?? [];
        if (printed === undefined) throw new Error(`${id} has not started`);
        return printed;
      },
      { timeout: 10_000, interval: 10 },
    );
    const service = new MetadataService({ endpoint, ec2MetadataV1Disabled: true, retries: 0 });
    return () => service.request('/latest/meta-data/spot/instance-action', {});
  };

  test('is in the metadata of a running instance, which is terminated later', async () => {
    const id = await launchOne();
    await untilState(cloud, id, 'running');
    const action = await actionOf(id);
    await expect(action()).rejects.toThrow();
    await faults.set({ kind: 'spot-notice', match: { instance: id }, noticeSeconds: 0.4 });
    expect(JSON.parse(await action())).toEqual({
      action: 'terminate',
      time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    });
    await untilState(cloud, id, 'terminated');
    expect((await describeOne(cloud, id))?.StateReason?.Code).toBe(
      'Server.SpotInstanceTermination',
    );
  });

  test('reaches instances that start later too', async () => {
    const match = { zone: 'us-east-1c' };
    const { id: fault } = await faults.set({ kind: 'spot-notice', noticeSeconds: 1000, match });
    const spared = await launchOne({ SubnetId: subnet('a') });
    const hit = await launchOne({ SubnetId: subnet('c') });
    await untilState(cloud, spared, 'running');
    await untilState(cloud, hit, 'running');
    const [entry, ...more] = await faults.log({ fault });
    expect(entry?.facts.instance).toEqual([hit]);
    expect(more).toEqual([]);
  });
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
    await expectError(describeOne(cloud, id), 'InvalidInstanceID.NotFound');
    await terminate(cloud, id);
  });

  test('shows earlier tags', async () => {
    const id = await launchOne();
    const tag = (Value: string) => setTag(cloud, id, 'drain', Value);
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
    await expectError(setTag(cloud, id, 'a', 'b'), 'InvalidInstanceID.NotFound');
  });
});
