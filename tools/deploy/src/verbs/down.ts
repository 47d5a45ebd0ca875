import type { Fleet } from '@labelfleet/aws/fleet';
import type { QueueAdmin } from '@labelfleet/aws/queue';
import { EXIT, StartError, type Clock } from '@labelfleet/runtime';
import type { Buckets } from '../aws/buckets.ts';
import type { Groups } from '../aws/groups.ts';
import type { Stacks } from '../aws/stacks.ts';
import { queueNames } from '../variables.ts';
import { dataOf, dataStack, FLEET_TAG, runStack } from './names.ts';
import { waitFor } from './wait.ts';

export interface DownDeps {
  stacks: Stacks;
  groups: Groups;
  fleet: Fleet;
  queues: QueueAdmin;
  buckets: Buckets;
  clock: Clock;
  tell: (line: string) => void;
}

const LIMIT_MS = 10 * 60_000;

/**
 * Removes what runs: the scaler first, so that it launches nothing; then its workers, which hold the network; then the
 * stack; then reply queues, which no stack knows, and which a running gateway would create again.
 */
export async function removeRun(fleetName: string, deps: DownDeps, pollMs = 3000): Promise<void> {
  const { stacks, groups, fleet, queues, clock, tell } = deps;
  const wait = { clock, limitMs: LIMIT_MS, pollMs };
  const stack = await stacks.find(runStack(fleetName));
  const scaler = stack?.outputs['ScalerGroup'];
  if (scaler !== undefined) {
    tell('stopping the scaler');
    await groups.stop(scaler);
    await waitFor('the scaler ends', async () => (await groups.size(scaler)) === 0, wait);
  }
  tell('terminating workers');
  await waitFor('all workers end', () => haveEnded(fleetName, fleet), wait);

  if (stack !== undefined) {
    tell(`deleting the stack ${runStack(fleetName)}`);
    await stacks.delete(runStack(fleetName));
  }
  const replyQueues = await queues.list(`${fleetName}-replies-`);
  tell(`deleting ${replyQueues.length} reply queues`);
  for (const url of replyQueues) await queues.delete(url);
}

/** Terminates what runs, again at each call, because a call may be throttled. @returns whether nothing is left */
async function haveEnded(fleetName: string, fleet: Fleet): Promise<boolean> {
  const left = (await fleet.list(FLEET_TAG, fleetName)).filter(
    ({ state }) => state !== 'terminated',
  );
  for (const { instanceId, state } of left) {
    if (state !== 'stopping') await fleet.terminate(instanceId);
  }
  return left.length === 0;
}

/** @throws StartError with exit code 78 unless the name of the data stack was typed */
export function requireConfirmation(fleetName: string, typed: string | undefined): void {
  const name = dataStack(fleetName);
  if (typed === name) return;
  throw new StartError(
    `This would delete all images, results and queued requests. Give --confirm ${name}. Nothing was removed.`,
    EXIT.config,
  );
}

/** Removes the data, after `removeRun`: buckets with their objects, the stack, and queues with their messages. */
export async function removeData(
  fleetName: string,
  { stacks, queues, buckets, tell }: DownDeps,
): Promise<void> {
  const name = dataStack(fleetName);
  const stack = await stacks.find(name);
  if (stack !== undefined) {
    const data = dataOf(stack);
    for (const bucket of [data.INPUT_BUCKET, data.OUTPUT_BUCKET, data.STATE_BUCKET]) {
      tell(`deleted s3://${bucket} with ${await buckets.delete(bucket)} objects`);
    }
    // The stack goes before its queues: CloudFormation keeps them, but would miss deleted ones.
    await stacks.delete(name);
    tell(`deleted the stack ${name}`);
  }
  // By name, because a command that was interrupted here has no stack any more.
  const names = Object.values(queueNames(fleetName));
  for (const url of await queues.list(`${fleetName}-`)) {
    if (names.includes(url.slice(url.lastIndexOf('/') + 1))) await queues.delete(url);
  }
  tell('deleted the queues');
}
