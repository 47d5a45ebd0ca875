import {
  CreateLaunchTemplateVersionCommand,
  CreateTagsCommand,
  DescribeInstancesCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
  type EC2Client,
  type Instance,
  type InstanceStateName,
  type RunInstancesCommandInput,
} from '@aws-sdk/client-ec2';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { until } from './until.ts';

/** EC2, and the image that is launched where a test names none. */
export interface TestFleet {
  readonly ec2: EC2Client;
  readonly imageId: string;
}

/** Launches one instance unless the parameters say otherwise. */
export async function launch(
  { ec2, imageId }: TestFleet,
  parameters: Partial<RunInstancesCommandInput> = {},
): Promise<Instance[]> {
  const { Instances = [] } = await ec2.send(
    new RunInstancesCommand({ ImageId: imageId, MinCount: 1, MaxCount: 1, ...parameters }),
  );
  return Instances;
}

/** Launches one instance. @returns its id */
export async function launchOne(
  fleet: TestFleet,
  parameters: Partial<RunInstancesCommandInput> = {},
): Promise<string> {
  const [instance] = await launch(fleet, parameters);
  return instance?.InstanceId ?? '';
}

/** Undefined if the instance is not shown. @throws an error of EC2 if it does not exist */
export async function describeOne(
  { ec2 }: Pick<TestFleet, 'ec2'>,
  id: string,
): Promise<Instance | undefined> {
  const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  return Reservations?.[0]?.Instances?.[0];
}

/** Waits until an instance has this state. */
export async function untilState(
  { ec2 }: Pick<TestFleet, 'ec2'>,
  id: string,
  state: InstanceStateName,
): Promise<Instance> {
  let instance: Instance | undefined;
  const hasState = async () => {
    instance = await describeOne({ ec2 }, id);
    return instance?.State?.Name === state;
  };
  await until(`${id} is ${state}`, hasState, { timeoutMs: 10_000 });
  return instance ?? {};
}

/** Adds a version to a launch template, like a deployment: only the instance type differs. */
export const addTemplateVersion = (
  { ec2 }: Pick<TestFleet, 'ec2'>,
  template: { id: string; version: string },
) =>
  ec2.send(
    new CreateLaunchTemplateVersionCommand({
      LaunchTemplateId: template.id,
      SourceVersion: template.version,
      LaunchTemplateData: { InstanceType: 'c7g.xlarge' },
    }),
  );

export const terminate = ({ ec2 }: Pick<TestFleet, 'ec2'>, ...InstanceIds: string[]) =>
  ec2.send(new TerminateInstancesCommand({ InstanceIds }));

export const setTag = ({ ec2 }: Pick<TestFleet, 'ec2'>, id: string, Key: string, Value: string) =>
  ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key, Value }] }));

export const idsOf = (instances: readonly Instance[]): string[] =>
  instances.map(({ InstanceId = '' }) => InstanceId);

export const tagged = (key: string, value: string) => [
  { ResourceType: 'instance' as const, Tags: [{ Key: key, Value: value }] },
];

/** The command of an image whose instances print their pid and metadata endpoint at each start, and keep running. */
export const PRINTS_STARTS = {
  command: ['/bin/sh', '-c', 'echo $$ $AWS_EC2_METADATA_SERVICE_ENDPOINT; exec sleep 1000'],
};

/** What an instance of PRINTS_STARTS has printed so far. */
export async function startsOf(
  dataDir: string,
  id: string,
): Promise<{ pid: number; metadata: string }[]> {
  const log = await readFile(join(dataDir, 'logs', `${id}.log`), 'utf8').catch(() => '');
  const lines = log.split('\n').slice(0, -1); // the last one may be incomplete
  return lines.map((line) => {
    const [pid, metadata = ''] = line.split(' ');
    return { pid: Number(pid), metadata };
  });
}

/** The id that an instance's metadata endpoint gives. */
export async function instanceIdFrom(metadata: string): Promise<string> {
  const ttl = { 'x-aws-ec2-metadata-token-ttl-seconds': '60' };
  const token = await fetch(`${metadata}/latest/api/token`, { method: 'PUT', headers: ttl });
  const headers = { 'x-aws-ec2-metadata-token': await token.text() };
  const answer = await fetch(`${metadata}/latest/meta-data/instance-id`, { headers });
  return answer.text();
}
