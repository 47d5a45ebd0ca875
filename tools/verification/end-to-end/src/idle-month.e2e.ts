import { startTestCloud, type TestCloud } from '@labelfleet/aws/testing';
import { callsUsd, US_EAST_1_PRICES, type Calls } from '@labelfleet/scaling/cost';
import { startApp } from '@labelfleet/testkit/app-process';
import { FaultsClient, type FaultHit } from '@labelfleet/testkit/faults-client';
import { until } from '@labelfleet/testkit/until';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';

const SCALER = fileURLToPath(new URL('../../../../apps/scaler/src/main.ts', import.meta.url));
/** Longer than from one pass of the request sweep to the next. */
const COUNTED_SECONDS = 125;
const MONTH_SECONDS = (365 * 86_400) / 12;

/** What each call is billed as. EC2's calls are free. */
const billed = (action: string): Partial<Calls> => {
  if (action.startsWith('sqs:')) return { sqsStandard: 1 };
  if (/^s3:(Put|List)/.test(action)) return { s3Put: 1 };
  return action.startsWith('s3:') ? { s3Get: 1 } : {};
};

/** The variables of a scaler whose fleet has nothing to do. */
async function createFleet(cloud: TestCloud) {
  const buckets = { INPUT_BUCKET: 'input', OUTPUT_BUCKET: 'output', STATE_BUCKET: 'state' };
  for (const bucket of Object.values(buckets)) await cloud.createBucket(bucket);
  await cloud.createWorkerTemplate('ami-idle');
  return {
    ...buckets,
    ...cloud.environment,
    REQUEST_QUEUE_URL: await cloud.createQueue('requests'),
    DEAD_LETTER_QUEUE_URL: await cloud.createQueue('dead-letters'),
    FLEET_EVENT_QUEUE_URL: await cloud.createQueue('fleet-events'),
    BATCH_QUEUE_URL: await cloud.createQueue('batch'),
    BATCH_DEAD_LETTER_QUEUE_URL: await cloud.createQueue('batch-dead-letters'),
    WORKER_LAUNCH_TEMPLATE: 'worker',
    WORKER_ROLL: 'true',
    PORT: '0',
  };
}

/** Calls a second of each kind: by the time from the first to the last, where there are two. */
function rates(hits: readonly FaultHit[]) {
  const byKind = Map.groupBy(hits, ({ action, facts }) =>
    [action, ...(facts['queue'] ?? facts['key'] ?? [])].join(' '),
  );
  return [...byKind].map(([kind, calls]) => {
    const times = calls.map(({ at }) => Date.parse(at) / 1000);
    const lasted = (times.at(-1) ?? 0) - (times[0] ?? 0);
    const rate = lasted > 0 ? (calls.length - 1) / lasted : calls.length / COUNTED_SECONDS;
    return { kind, action: calls[0]?.action ?? '', rate };
  });
}

function usdOfMonth(action: string, rate: number): number {
  const none: Calls = { sqsStandard: 0, sqsFifo: 0, s3Put: 0, s3Get: 0 };
  const { queue, store } = callsUsd(US_EAST_1_PRICES, { ...none, ...billed(action) });
  return ((queue ?? NaN) + (store ?? NaN)) * rate * MONTH_SECONDS;
}

test('the calls of a scaler with nothing to do cost at most 2 USD a month, and it sees an image within 3 s', async () => {
  await using cloud = await startTestCloud({
    images: { 'ami-idle': { command: ['sleep', '600'] } },
  });
  const fleet = await createFleet(cloud);
  await using scaler = startApp(SCALER, { PATH: process.env['PATH'], ...fleet });
  await scaler.url;
  const faults = new FaultsClient(cloud.endpoint);
  // It idles when its second snapshot says so.
  const state = cloud.s3.store('state');
  const idles = async () =>
    new TextDecoder()
      .decode((await state.get('fleet/snapshot.json'))?.body)
      .includes('"publishedEverySeconds":40');
  await until('the scaler idles', idles, { timeoutMs: 30_000 });

  await faults.set({ id: 'count', kind: 'latency', action: '*', seconds: 0 });
  await delay(COUNTED_SECONDS * 1000);
  const counted = rates(await faults.log({ fault: 'count' })).map(({ kind, action, rate }) => ({
    kind,
    'one in seconds': Number((1 / rate).toFixed(1)),
    'USD a month': Number(usdOfMonth(action, rate).toFixed(3)),
  }));
  console.table(counted.toSorted((a, b) => b['USD a month'] - a['USD a month']));
  const sum = counted.reduce((total, each) => total + each['USD a month'], 0);
  console.log(`together ${sum.toFixed(2)} USD a month`);
  expect(sum).toBeGreaterThan(0.5);
  expect(sum).toBeLessThanOrEqual(2);

  await cloud.sqs.queue(fleet.REQUEST_QUEUE_URL).send({ body: 'an image' });
  const launched = async () =>
    (await cloud.ec2.fleet.list('labelfleet:fleet', 'labelfleet')).length > 0;
  await until('a worker is launched', launched, { timeoutMs: 3000 });
}, 190_000);
