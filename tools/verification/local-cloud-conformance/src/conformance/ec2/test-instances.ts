import {
  DescribeInstancesCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
  type Instance,
  type InstanceStateName,
  type RunInstancesCommandInput,
} from '@aws-sdk/client-ec2';
import { expect, vi } from 'vitest';

import type { Clients } from '../clients.ts';

/** Launches one instance unless the parameters say otherwise. */
export async function run(
  { ec2, imageId }: Pick<Clients, 'ec2' | 'imageId'>,
  parameters: Partial<RunInstancesCommandInput> = {},
): Promise<Instance[]> {
  const { Instances = [] } = await ec2.send(
    new RunInstancesCommand({ ImageId: imageId, MinCount: 1, MaxCount: 1, ...parameters }),
  );
  return Instances;
}

export async function describeOne(
  { ec2 }: Pick<Clients, 'ec2'>,
  id: string | undefined,
): Promise<Instance | undefined> {
  const { Reservations } = await ec2.send(
    new DescribeInstancesCommand({ InstanceIds: [id ?? ''] }),
  );
  return Reservations?.[0]?.Instances?.[0];
}

/** Waits until an instance has this state. */
export async function until(
  clients: Pick<Clients, 'ec2'>,
  id: string | undefined,
  state: InstanceStateName,
): Promise<Instance> {
  return vi.waitFor(
    async () => {
      const instance = await describeOne(clients, id);
      expect(instance?.State?.Name).toBe(state);
      return instance as Instance;
    },
    { timeout: 10_000, interval: 10 },
  );
}

export const terminate = ({ ec2 }: Clients, ...ids: (string | undefined)[]) =>
  ec2.send(new TerminateInstancesCommand({ InstanceIds: ids.map((id) => id ?? '') }));

export const idsOf = (instances: readonly Instance[]) =>
  instances.map(({ InstanceId }) => InstanceId);

export async function describeIds(
  { ec2 }: Clients,
  filter: string,
  value: string,
): Promise<(string | undefined)[]> {
  const { Reservations = [] } = await ec2.send(
    new DescribeInstancesCommand({ Filters: [{ Name: filter, Values: [value] }] }),
  );
  return idsOf(Reservations.flatMap(({ Instances = [] }) => Instances));
}

export const tagged = (key: string, value: string) => [
  { ResourceType: 'instance' as const, Tags: [{ Key: key, Value: value }] },
];
