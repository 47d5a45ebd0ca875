import { FaultsClient, type FaultHit } from '@labelfleet/testkit/faults-client';
import { setTimeout as delay } from 'node:timers/promises';
import type { Figures } from './figures.ts';

const ID = 'bench';
/** The local cloud keeps the last thousand entries of its log. */
const READ_LOG_EVERY_MS = 300;
const LOG_LIMIT = 1000;

/**
 * Counts the AWS calls of a while by app, service and kind, by a fault without an effect, whose hits the local cloud
 * logs.
 */
export async function countCalls(endpoint: string, ms: number): Promise<Figures> {
  const faults = new FaultsClient(endpoint);
  const calls: Figures = {};
  await faults.set({ id: ID, kind: 'latency', seconds: 0, action: '*' });
  try {
    let after: number | undefined;
    for (const endMs = performance.now() + ms; performance.now() < endMs;) {
      await delay(READ_LOG_EVERY_MS);
      const hits = await faults.log({ fault: ID, ...(after !== undefined && { after }) });
      if (hits.length >= LOG_LIMIT) throw new Error('There were too many calls to count them all.');
      for (const hit of hits) {
        const { app, service, kind } = describeCall(hit);
        for (const name of [`calls ${service}`, `calls ${app} ${service}:${kind}`])
          calls[name] = (calls[name] ?? 0) + 1;
      }
      after = hits.at(-1)?.sequence ?? after;
    }
  } finally {
    await faults.clear(ID);
  }
  return calls;
}

/**
 * Says who made a call. Gateway and scaler have the same credentials, so what is called tells them apart: the scaler
 * alone uses EC2, the fleet's events and dead letters, and asks queues for their state.
 */
export function describeCall({ action, facts }: Pick<FaultHit, 'action' | 'facts'>) {
  const kind = action.split(':').at(-1) ?? action;
  const queue = facts['queue']?.[0];
  const bucket = facts['bucket']?.[0];
  const service = queue !== undefined ? 'sqs' : bucket !== undefined ? 's3' : 'ec2';
  const isWorker = facts['caller']?.[0]?.startsWith('ASIALOCAL') === true;
  const isScaler =
    service === 'ec2' ||
    kind.startsWith('GetQueue') ||
    /fleet-event|dead-letter|state/.test(queue ?? bucket ?? '');
  return { app: isWorker ? 'worker' : isScaler ? 'scaler' : 'gateway', service, kind };
}
