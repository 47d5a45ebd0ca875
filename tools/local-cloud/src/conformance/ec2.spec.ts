import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeInstanceStatusCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  RunInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
  type Instance,
  type InstanceStateName,
  type RunInstancesCommandInput,
} from '@aws-sdk/client-ec2';
import { describe, expect, test, vi } from 'vitest';

import { uniqueName, withLocalCloud } from './clients.ts';

const STAYS = { command: [process.execPath, '-e', 'setInterval(() => {}, 1e6)'] };
const cloud = withLocalCloud({
  images: {
    'ami-stays': STAYS,
    'ami-ends': { command: ['true'] },
    'ami-missing': { command: ['/no/such/program'] },
    'ami-stubborn': { command: ['sh', '-c', 'trap "" TERM; while :; do sleep 0.05; done'] },
  },
  env: { LOCAL_CLOUD_GRACE_SECONDS: '0.2', LOG_LEVEL: 'fatal' },
});

async function run(parameters: Partial<RunInstancesCommandInput> = {}): Promise<Instance[]> {
  const { Instances = [] } = await cloud.ec2.send(
    new RunInstancesCommand({ ImageId: 'ami-stays', MinCount: 1, MaxCount: 1, ...parameters }),
  );
  return Instances;
}

async function describeOne(id: string | undefined): Promise<Instance | undefined> {
  const { Reservations } = await cloud.ec2.send(
    new DescribeInstancesCommand({ InstanceIds: [id ?? ''] }),
  );
  return Reservations?.[0]?.Instances?.[0];
}

async function until(id: string | undefined, state: InstanceStateName): Promise<Instance> {
  return vi.waitFor(
    async () => {
      const instance = await describeOne(id);
      expect(instance?.State?.Name).toBe(state);
      return instance as Instance;
    },
    { timeout: 10_000, interval: 10 },
  );
}

const terminate = (...ids: (string | undefined)[]) =>
  cloud.ec2.send(new TerminateInstancesCommand({ InstanceIds: ids.map((id) => id ?? '') }));

const idsOf = (instances: readonly Instance[]) => instances.map(({ InstanceId }) => InstanceId);

async function describeIds(filter: string, value: string): Promise<(string | undefined)[]> {
  const { Reservations = [] } = await cloud.ec2.send(
    new DescribeInstancesCommand({ Filters: [{ Name: filter, Values: [value] }] }),
  );
  return idsOf(Reservations.flatMap(({ Instances = [] }) => Instances));
}

const tagged = (key: string, value: string) => [
  { ResourceType: 'instance' as const, Tags: [{ Key: key, Value: value }] },
];

// docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html
describe('the life of an instance', () => {
  test('is pending at its launch, then running', async () => {
    const [launched] = await run();
    expect(launched?.State).toEqual({ Code: 0, Name: 'pending' });
    expect(launched?.InstanceId).toMatch(/^i-[0-9a-f]{17}$/);
    expect((await until(launched?.InstanceId, 'running')).State?.Code).toBe(16);
  });

  test('is shutting down, then terminated, after TerminateInstances, and stays listed', async () => {
    const [launched] = await run();
    await until(launched?.InstanceId, 'running');
    const { TerminatingInstances } = await terminate(launched?.InstanceId);
    expect(TerminatingInstances).toEqual([
      {
        InstanceId: launched?.InstanceId,
        PreviousState: { Code: 16, Name: 'running' },
        CurrentState: { Code: 32, Name: 'shutting-down' },
      },
    ]);
    const ended = await until(launched?.InstanceId, 'terminated');
    expect(ended.StateReason?.Code).toBe('Client.UserInitiatedShutdown');
    await terminate(launched?.InstanceId); // once more changes nothing
  });

  test('ends while it is pending', async () => {
    const [launched] = await run();
    await terminate(launched?.InstanceId);
    await until(launched?.InstanceId, 'terminated');
  });

  test('ends by itself when its process does (InstanceInitiatedShutdownBehavior=terminate)', async () => {
    const [launched] = await run({ ImageId: 'ami-ends' });
    const ended = await until(launched?.InstanceId, 'terminated');
    expect(ended.StateReason?.Code).toBe('Client.InstanceInitiatedShutdown');
  });

  test('ends after the grace time when its process does not heed SIGTERM', async () => {
    const [launched] = await run({ ImageId: 'ami-stubborn' });
    await until(launched?.InstanceId, 'running');
    await terminate(launched?.InstanceId);
    await until(launched?.InstanceId, 'terminated');
  });

  test('ends at once when its program cannot be started', async () => {
    const [launched] = await run({ ImageId: 'ami-missing' });
    const ended = await until(launched?.InstanceId, 'terminated');
    expect(ended.StateReason?.Code).toBe('Server.InternalError');
  });
});

describe('RunInstances', () => {
  test('launches MaxCount instances in one reservation, with their tags', async () => {
    const value = uniqueName('fleet');
    const launched = await run({ MaxCount: 3, TagSpecifications: tagged('fleet', value) });
    expect(new Set(idsOf(launched)).size).toBe(3);
    expect(launched.map(({ AmiLaunchIndex }) => AmiLaunchIndex)).toEqual([0, 1, 2]);
    expect(launched[0]?.Tags).toEqual([{ Key: 'fleet', Value: value }]);
    expect(await describeIds('tag:fleet', value)).toEqual(idsOf(launched));
  });

  // docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
  test('answers a repeated client token with the same instances', async () => {
    const parameters = { ClientToken: uniqueName('token'), MaxCount: 2 };
    expect(idsOf(await run(parameters))).toEqual(idsOf(await run(parameters)));
  });

  test('refuses a client token with other parameters', async () => {
    const ClientToken = uniqueName('token');
    await run({ ClientToken });
    await expect(run({ ClientToken, MaxCount: 2 })).rejects.toMatchObject({
      name: 'IdempotentParameterMismatch',
    });
  });

  test('takes what is not said from its launch template', async () => {
    const LaunchTemplateName = uniqueName('template');
    await cloud.ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName,
        LaunchTemplateData: {
          ImageId: 'ami-stays',
          InstanceType: 'c7i.large',
          TagSpecifications: tagged('from', 'template'),
          IamInstanceProfile: { Name: 'worker' },
        },
      }),
    );
    const [launched] = await run({
      ImageId: undefined,
      LaunchTemplate: { LaunchTemplateName, Version: '1' },
      SubnetId: 'subnet-0000000000000000b',
      InstanceMarketOptions: { MarketType: 'spot', SpotOptions: { SpotInstanceType: 'one-time' } },
      TagSpecifications: tagged('own', 'yes'),
    });
    expect(launched).toMatchObject({
      ImageId: 'ami-stays',
      InstanceType: 'c7i.large',
      InstanceLifecycle: 'spot',
      Placement: { AvailabilityZone: 'us-east-1b' },
      SubnetId: 'subnet-0000000000000000b',
      IamInstanceProfile: { Arn: 'arn:aws:iam::000000000000:instance-profile/worker' },
      Tags: [
        { Key: 'from', Value: 'template' },
        { Key: 'own', Value: 'yes' },
      ],
    });
  });

  test.each<[string, Partial<RunInstancesCommandInput>, string]>([
    ['an image that does not exist', { ImageId: 'ami-nothing' }, 'InvalidAMIID.NotFound'],
    ['no image', { ImageId: undefined }, 'MissingParameter'],
    ['a subnet that does not exist', { SubnetId: 'subnet-1' }, 'InvalidSubnetID.NotFound'],
    ['MinCount over MaxCount', { MinCount: 2 }, 'InvalidParameterValue'],
    [
      'a template that does not exist',
      { LaunchTemplate: { LaunchTemplateId: 'lt-00000000000000001' } },
      'InvalidLaunchTemplateId.NotFound',
    ],
  ])('refuses %s', async (_what, parameters, name) => {
    await expect(run(parameters)).rejects.toMatchObject({ name });
  });
});

describe('DescribeInstances', () => {
  test('filters by state, tag and id, with wildcards', async () => {
    const value = uniqueName('filter');
    const [launched] = await run({ TagSpecifications: tagged('filter', value) });
    const id = launched?.InstanceId;
    await until(id, 'running');
    expect(await describeIds('tag:filter', `${value.slice(0, 4)}*`)).toContain(id);
    expect(await describeIds('instance-state-name', 'running')).toContain(id);
    expect(await describeIds('instance-state-name', 'pending')).not.toContain(id);
    expect(await describeIds('tag-key', 'filter')).toContain(id);
  });

  test('gives pages of MaxResults', async () => {
    const value = uniqueName('pages');
    const launched = await run({ MaxCount: 12, TagSpecifications: tagged('pages', value) });
    const seen: (string | undefined)[] = [];
    const sizes: number[] = [];
    let NextToken: string | undefined;
    do {
      const answer = await cloud.ec2.send(
        new DescribeInstancesCommand({
          MaxResults: 5,
          NextToken,
          Filters: [{ Name: 'tag:pages', Values: [value] }],
        }),
      );
      const page = (answer.Reservations ?? []).flatMap(({ Instances = [] }) => idsOf(Instances));
      seen.push(...page);
      sizes.push(page.length);
      NextToken = answer.NextToken;
    } while (NextToken !== undefined);
    expect(seen).toEqual(idsOf(launched));
    expect(sizes).toEqual([5, 5, 2]);
    await terminate(...seen);
  });

  // docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html
  test('refuses MaxResults with ids, and below 5', async () => {
    await expect(
      cloud.ec2.send(
        new DescribeInstancesCommand({ MaxResults: 5, InstanceIds: ['i-00000000000000001'] }),
      ),
    ).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
    await expect(
      cloud.ec2.send(new DescribeInstancesCommand({ MaxResults: 4 })),
    ).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  test('refuses an id that does not exist', async () => {
    await expect(describeOne('i-00000000000000001')).rejects.toMatchObject({
      name: 'InvalidInstanceID.NotFound',
    });
    await expect(describeOne('nonsense')).rejects.toMatchObject({
      name: 'InvalidInstanceID.Malformed',
    });
  });

  test('DescribeInstanceStatus shows running instances only, unless asked for all', async () => {
    const [launched] = await run({ ImageId: 'ami-ends' });
    await until(launched?.InstanceId, 'terminated');
    const InstanceIds = [launched?.InstanceId ?? ''];
    const running = await cloud.ec2.send(new DescribeInstanceStatusCommand({ InstanceIds }));
    expect(running.InstanceStatuses).toEqual([]);
    const all = await cloud.ec2.send(
      new DescribeInstanceStatusCommand({ InstanceIds, IncludeAllInstances: true }),
    );
    expect(all.InstanceStatuses).toHaveLength(1);
  });
});

test('tags are added, replaced and deleted', async () => {
  const [launched] = await run({ TagSpecifications: tagged('a', '1') });
  const Resources = [launched?.InstanceId ?? ''];
  const add = (Key: string, Value: string) =>
    cloud.ec2.send(new CreateTagsCommand({ Resources, Tags: [{ Key, Value }] }));
  await add('a', '2');
  await add('b', '');
  await add('c', '3');
  await cloud.ec2.send(new DeleteTagsCommand({ Resources, Tags: [{ Key: 'c' }] }));
  const instance = await describeOne(launched?.InstanceId);
  expect(instance?.Tags).toEqual([
    { Key: 'a', Value: '2' },
    { Key: 'b', Value: '' },
  ]);
});

test('a launch template has versions, and its name is its own', async () => {
  const LaunchTemplateName = uniqueName('versions');
  const create = (InstanceType: 'm7i.large' | 'c7i.large') => ({
    LaunchTemplateName,
    LaunchTemplateData: { ImageId: 'ami-stays', InstanceType, UserData: 'QT0x' },
  });
  await cloud.ec2.send(new CreateLaunchTemplateCommand(create('m7i.large')));
  await expect(
    cloud.ec2.send(new CreateLaunchTemplateCommand(create('m7i.large'))),
  ).rejects.toMatchObject({ name: 'InvalidLaunchTemplateName.AlreadyExistsException' });
  await cloud.ec2.send(new CreateLaunchTemplateVersionCommand(create('c7i.large')));
  const { LaunchTemplates } = await cloud.ec2.send(
    new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: [LaunchTemplateName] }),
  );
  expect(LaunchTemplates).toMatchObject([{ DefaultVersionNumber: 1, LatestVersionNumber: 2 }]);
  const { LaunchTemplateVersions } = await cloud.ec2.send(
    new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName, Versions: ['$Latest'] }),
  );
  expect(LaunchTemplateVersions).toMatchObject([
    { VersionNumber: 2, LaunchTemplateData: { InstanceType: 'c7i.large', UserData: 'QT0x' } },
  ]);
  const [launched] = await run({
    ImageId: undefined,
    LaunchTemplate: { LaunchTemplateName, Version: '$Latest' },
  });
  expect(launched?.InstanceType).toBe('c7i.large');
  await expect(run({ LaunchTemplate: { LaunchTemplateName, Version: '3' } })).rejects.toMatchObject(
    { name: 'InvalidLaunchTemplateId.VersionNotFound' },
  );
});

test('there is a subnet in each of three zones, and an image per command', async () => {
  const { Subnets = [] } = await cloud.ec2.send(new DescribeSubnetsCommand({}));
  expect(Subnets.map(({ AvailabilityZone }) => AvailabilityZone)).toEqual([
    'us-east-1a',
    'us-east-1b',
    'us-east-1c',
  ]);
  const { Images = [] } = await cloud.ec2.send(
    new DescribeImagesCommand({ ImageIds: ['ami-stays'] }),
  );
  expect(Images).toMatchObject([{ ImageId: 'ami-stays', State: 'available' }]);
});

test('what is not served answers 501 and says so', async () => {
  await expect(cloud.ec2.send(new DescribeVpcsCommand({}))).rejects.toMatchObject({
    name: 'NotImplemented',
    message: 'The EC2 action DescribeVpcs is not served by local-cloud.',
    $metadata: { httpStatusCode: 501 },
  });
  await expect(
    cloud.ec2.send(new StopInstancesCommand({ InstanceIds: ['i-1'] })),
  ).rejects.toMatchObject({ name: 'NotImplemented' });
  await expect(run({ BlockDeviceMappings: [{ DeviceName: '/dev/sda' }] })).rejects.toMatchObject({
    name: 'NotImplemented',
    message: 'The parameter BlockDeviceMapping of RunInstances is not served by local-cloud.',
  });
});
