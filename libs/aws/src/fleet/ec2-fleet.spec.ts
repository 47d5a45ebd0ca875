import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { AwsCallError } from '../errors.ts';
import { startStubService } from '../testing/stub-service.ts';
import { startTestCloud } from '../testing/start-test-cloud.ts';
import { fleetContract } from '../testing/fleet-contract.ts';
import { connectEc2 } from './connect-ec2.ts';
import type { Fleet, LaunchRequest } from './fleet.ts';

describe('Ec2Fleet', () =>
  fleetContract(async () => {
    const cloud = await startTestCloud({ images: { 'ami-idle': { command: ['sleep', '600'] } } });
    const template = await cloud.createLaunchTemplate({
      name: 'contract',
      imageId: 'ami-idle',
      instanceType: 't3.micro',
      userData: '',
    });
    return {
      fleet: cloud.ec2.fleet,
      template,
      [Symbol.asyncDispose]: () => cloud[Symbol.asyncDispose](),
    };
  }));

const request: LaunchRequest = {
  clientToken: 'token-1',
  count: 4,
  launchTemplateId: 'lt-0123456789abcdef0',
  launchTemplateVersion: '3',
  subnetId: 'subnet-1',
  market: 'spot',
  tags: { 'labelfleet:fleet': 'f' },
};

const failure = (status: number, code: string) => ({
  status,
  body: `<Response><Errors><Error><Code>${code}</Code><Message>as EC2 says</Message></Error></Errors><RequestID>1</RequestID></Response>`,
});

test('reports no capacity after one try, although EC2 answers 500', async () => {
  await using service = await startStubService(() => failure(500, 'InsufficientInstanceCapacity'));
  const { fleet } = connectEc2(service.connection);
  expect(await fleet.launch(request)).toMatchObject({ kind: 'no-capacity' });
  expect(service.calls).toHaveLength(1);
});

test('sends every field of the launch request', async () => {
  await using service = await startStubService(() => failure(503, 'RequestLimitExceeded'));
  const { fleet } = connectEc2(service.connection);
  expect(await fleet.launch(request)).toMatchObject({ kind: 'throttled' });
  const sent = Object.fromEntries(new URLSearchParams(service.calls[0]?.body));
  expect(sent).toEqual({
    Action: 'RunInstances',
    Version: '2016-11-15',
    ClientToken: 'token-1',
    MinCount: '1',
    MaxCount: '4',
    'LaunchTemplate.LaunchTemplateId': 'lt-0123456789abcdef0',
    'LaunchTemplate.Version': '3',
    SubnetId: 'subnet-1',
    'InstanceMarketOptions.MarketType': 'spot',
    'InstanceMarketOptions.SpotOptions.SpotInstanceType': 'one-time',
    'InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior': 'terminate',
    'TagSpecification.1.ResourceType': 'instance',
    'TagSpecification.1.Tag.1.Key': 'labelfleet:fleet',
    'TagSpecification.1.Tag.1.Value': 'f',
    'TagSpecification.2.ResourceType': 'volume',
    'TagSpecification.2.Tag.1.Key': 'labelfleet:fleet',
    'TagSpecification.2.Tag.1.Value': 'f',
  });
});

test('reports throttled tags and terminations as outcomes', async () => {
  await using service = await startStubService(() => failure(503, 'RequestLimitExceeded'));
  const { fleet } = connectEc2(service.connection);
  expect(await fleet.tag('i-1', { a: 'b' })).toBe('throttled');
  expect(await fleet.terminate('i-1')).toBe('throttled');
});

const templates = {
  body: `<DescribeLaunchTemplatesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><launchTemplates><item>
    <launchTemplateId>lt-1</launchTemplateId><latestVersionNumber>7</latestVersionNumber>
  </item></launchTemplates></DescribeLaunchTemplatesResponse>`,
};
const noInstances = {
  body: `<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><reservationSet/></DescribeInstancesResponse>`,
};

test.each([
  ['DescribeInstances', (fleet: Fleet) => fleet.list('k', 'v'), noInstances, []],
  [
    'DescribeLaunchTemplates',
    (fleet: Fleet) => fleet.resolveLaunchTemplate('worker'),
    templates,
    { id: 'lt-1', version: '7' },
  ],
])('retries %s, which only reads, after one failure', async (_, read, answer, expected) => {
  let calls = 0;
  await using service = await startStubService(() =>
    ++calls === 1 ? failure(503, 'Unavailable') : answer,
  );
  expect(await read(connectEc2(service.connection).fleet)).toEqual(expected);
  expect(calls).toBe(2);
});

test('tries a listing that EC2 never answers three times and rejects within 15 s', async () => {
  const tries = Array.from({ length: 3 }, () => Promise.withResolvers<void>());
  let calls = 0;
  await using service = await startStubService(() => {
    tries[calls++]?.resolve();
    return new Promise(() => undefined);
  });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const outcome = connectEc2(service.connection)
    .fleet.list('k', 'v')
    .catch((error: unknown) => error);
  for (const { promise } of tries) {
    await promise;
    await vi.advanceTimersByTimeAsync(5_000);
  }
  expect(await outcome).toMatchObject({ code: 'ETIMEDOUT' });
  expect(calls).toBe(3);
});

test.each([
  ['RunInstances', (fleet: Fleet) => fleet.launch(request)],
  ['CreateTags', (fleet: Fleet) => fleet.tag('i-1', { a: 'b' })],
  ['TerminateInstances', (fleet: Fleet) => fleet.terminate('i-1')],
])('does not retry %s, which changes something', async (operation, change) => {
  await using service = await startStubService(() => failure(503, 'Unavailable'));
  await expect(change(connectEc2(service.connection).fleet)).rejects.toThrow(AwsCallError);
  expect(service.calls.map(({ body }) => new URLSearchParams(body).get('Action'))).toEqual([
    operation,
  ]);
});

test('lists all pages of a fleet', async () => {
  const page = (instanceId: string, nextToken: string) => ({
    body: `<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><reservationSet><item><instancesSet><item>
      <instanceId>${instanceId}</instanceId><instanceType>t3.micro</instanceType>
      <instanceState><code>80</code><name>stopped</name></instanceState>
      <stateReason><code>Client.InstanceInitiatedShutdown</code><message>shutdown</message></stateReason>
      <launchTime>2026-11-22T05:00:00.000Z</launchTime>
    </item></instancesSet></item></reservationSet>${nextToken}</DescribeInstancesResponse>`,
  });
  await using service = await startStubService(({ body }) =>
    body.includes('NextToken=more') ? page('i-2', '') : page('i-1', '<nextToken>more</nextToken>'),
  );
  const listed = await connectEc2(service.connection).fleet.list('labelfleet:fleet', 'f');
  expect(listed).toEqual(
    ['i-1', 'i-2'].map((instanceId) => ({
      instanceId,
      state: 'stopped',
      stateReason: { code: 'Client.InstanceInitiatedShutdown', message: 'shutdown' },
      launchedAt: new Date('2026-11-22T05:00:00Z'),
      instanceType: 't3.micro',
      market: 'on-demand',
      subnetId: undefined,
      tags: {},
    })),
  );
});

test('reads the fields of a launch template version that a fleet depends on', async () => {
  await using service = await startStubService(() => ({
    body: `<DescribeLaunchTemplateVersionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><launchTemplateVersionSet><item>
      <launchTemplateId>lt-1</launchTemplateId><versionNumber>3</versionNumber><launchTemplateData>
        <imageId>ami-1</imageId><disableApiTermination>true</disableApiTermination>
        <instanceMarketOptions><marketType>spot</marketType></instanceMarketOptions>
        <metadataOptions><httpEndpoint>disabled</httpEndpoint></metadataOptions>
        <networkInterfaceSet><item><deviceIndex>0</deviceIndex></item></networkInterfaceSet>
        <instanceRequirements><vCpuCount><min>2</min></vCpuCount></instanceRequirements>
        <tagSpecificationSet><item><resourceType>instance</resourceType><tagSet><item><key>cost center</key><value>1</value></item></tagSet></item></tagSpecificationSet>
      </launchTemplateData>
    </item></launchTemplateVersionSet></DescribeLaunchTemplateVersionsResponse>`,
  }));
  const { fleet } = connectEc2(service.connection);
  expect(await fleet.describeLaunchTemplate({ id: 'lt-1', version: '3' })).toEqual({
    imageId: 'ami-1',
    instanceType: undefined,
    instanceRequirements: true,
    market: 'spot',
    shutdownBehavior: undefined,
    metadataEndpoint: 'disabled',
    metadataTags: undefined,
    networkInterfaces: 1,
    terminationProtection: true,
    tagKeys: ['cost center'],
  });
});
