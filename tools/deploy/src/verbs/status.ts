import type { Fleet, FleetInstance } from '@labelfleet/aws/fleet';
import type { Queue } from '@labelfleet/aws/queue';
import type { Stacks } from '../aws/stacks.ts';
import { dataOf, dataStack, FLEET_TAG, runStack } from './names.ts';

export interface StatusDeps {
  stacks: Stacks;
  fleet: Pick<Fleet, 'list'>;
  queue: (url: string) => Queue;
}

/** What there is and what it does, as lines for a person. */
export async function statusLines(
  fleetName: string,
  { stacks, fleet, queue }: StatusDeps,
): Promise<string[]> {
  const [data, run] = await Promise.all([
    stacks.find(dataStack(fleetName)),
    stacks.find(runStack(fleetName)),
  ]);
  const lines = [
    `${dataStack(fleetName)}: ${data?.status ?? 'absent'}`,
    `${runStack(fleetName)}: ${run?.status ?? 'absent'}`,
  ];
  if (run?.outputs['Url'] !== undefined) lines.push(`address: ${run.outputs['Url']}`);
  lines.push(`workers: ${describeWorkers(await fleet.list(FLEET_TAG, fleetName))}`);
  if (data !== undefined) {
    const variables = dataOf(data);
    for (const [name, url] of [
      ['requests', variables.REQUEST_QUEUE_URL],
      ['dead letters', variables.DEAD_LETTER_QUEUE_URL],
      ['batch queue', variables.BATCH_QUEUE_URL],
      ['its dead letters', variables.BATCH_DEAD_LETTER_QUEUE_URL],
    ] as const) {
      const { visible, inFlight } = await queue(url).depth();
      lines.push(`${name}: ${visible} waiting, ${inFlight} in flight`);
    }
  }
  return lines;
}

function describeWorkers(instances: readonly FleetInstance[]): string {
  const states = ['launching', 'running', 'stopping', 'stopped'] as const;
  const counted = states.flatMap((state) => {
    const count = instances.filter((each) => each.state === state).length;
    return count === 0 ? [] : [`${count} ${state}`];
  });
  return counted.join(', ') || 'none';
}
