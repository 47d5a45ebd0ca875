import type { Fleet, FleetInstance } from '@labelfleet/aws/fleet';
import type { Queue } from '@labelfleet/aws/queue';
import { WORKER_TAGS } from '@labelfleet/contracts';
import type { Backlog, Observed } from '@labelfleet/scaling';
import { tryCall } from '../act/call-failure.ts';

/** What a tick reads from AWS. A failed read is a value too. */
export interface AwsObservation {
  backlog: Observed<Backlog>;
  /** Every instance of the fleet that DescribeInstances returns, terminated ones included. */
  listed: Observed<readonly FleetInstance[]>;
}

export async function observe(
  requestQueue: Pick<Queue, 'depth'>,
  fleet: Pick<Fleet, 'list'>,
  fleetName: string,
): Promise<AwsObservation> {
  const [backlog, listed] = await Promise.all([
    read(() => requestQueue.depth()),
    read(() => fleet.list(WORKER_TAGS.fleet, fleetName)),
  ]);
  return { backlog, listed };
}

async function read<T>(call: () => Promise<T>): Promise<Observed<T>> {
  const result = await tryCall(call);
  return result.kind === 'answered'
    ? { kind: 'known', value: result.answer }
    : { kind: 'unknown', reason: result.detail };
}
