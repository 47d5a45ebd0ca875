import { connectSqs, type EndedCall } from '@labelfleet/aws/queue';
import { connectS3 } from '@labelfleet/aws/store';
import { startTestCloud } from '@labelfleet/aws/testing';
import { pricesFor, US_EAST_1_PRICES } from '@labelfleet/scaling/cost';
import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { observeCalls } from './observe-calls.ts';
import { addProcessMetrics } from './process-metrics.ts';

/** The values of one metric, by their labels' values. */
async function valuesOf(registry: Registry, name: string): Promise<Record<string, number>> {
  const text = await registry.getSingleMetricAsString(name);
  const lines = [...text.matchAll(/^(labelfleet_[a-z_]+)\{(.*)\} (\S+)$/gm)];
  return Object.fromEntries(
    lines
      .filter(([, whole]) => !whole?.endsWith('_bucket'))
      .map(([, whole = '', labels = '', value]) => {
        const values = [...labels.matchAll(/="([^"]+)"/g)].map(([, each]) => each);
        return [[whole.slice(name.length), ...values].join(' ').trim(), Number(value)];
      }),
  );
}

test('the calls of a connection are counted with their outcome, their messages and their wait', async () => {
  await using cloud = await startTestCloud();
  const url = await cloud.createQueue('requests');
  await cloud.createBucket('input');
  const registry = new Registry();
  const observer = observeCalls(addProcessMetrics(registry), US_EAST_1_PRICES);
  const sqs = connectSqs({ ...cloud.connection, observer });
  const s3 = connectS3({ ...cloud.connection, observer });
  const queue = sqs.queue(url, { sendLingerMs: () => 20 });
  await Promise.all(['a', 'b', 'c'].map((body) => queue.send({ body })));
  const received = await queue.receive({
    maxMessages: 10,
    waitSeconds: 1,
    visibilityTimeoutSeconds: 30,
  });
  await Promise.all(received.map(({ receipt }) => queue.ack(receipt)));
  const store = s3.store('input');
  await store.put('a', 'text', { contentType: 'text/plain' });
  await store.get('missing');
  await s3
    .store('none')
    .get('a')
    .catch(() => undefined);
  sqs.close();
  s3.close();

  expect(await valuesOf(registry, 'labelfleet_aws_calls_total')).toEqual({
    'sqs SendMessageBatch done': 1,
    'sqs ReceiveMessage done': 1,
    'sqs DeleteMessageBatch done': 1,
    's3 PutObject done': 1,
    's3 GetObject refused': 2,
  });
  expect(await valuesOf(registry, 'labelfleet_sqs_batch_messages')).toMatchObject({
    '_sum SendMessageBatch': 3,
    '_sum ReceiveMessage': received.length,
    '_count DeleteMessageBatch': 1,
  });
  const waits = await valuesOf(registry, 'labelfleet_sqs_batch_wait_seconds');
  expect(waits['_sum SendMessageBatch']).toBeGreaterThanOrEqual(0.019);
  const cost = await valuesOf(registry, 'labelfleet_aws_calls_cost_usd_total');
  expect(cost['sqs SendMessageBatch']).toBeCloseTo(0.4e-6, 12);
  expect(cost['s3 GetObject']).toBeCloseTo(2 * 0.4e-6, 12);
});

test('an unreachable service is counted as failed', async () => {
  const registry = new Registry();
  const observer = observeCalls(addProcessMetrics(registry), US_EAST_1_PRICES);
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const endpoint = 'http://127.0.0.1:1';
  const sqs = connectSqs({ region: 'us-east-1', endpoint, credentials, observer });
  await sqs
    .queue(`${endpoint}/1/requests`)
    .send({ body: 'a' })
    .catch(() => undefined);
  sqs.close();
  expect(await valuesOf(registry, 'labelfleet_aws_calls_total')).toEqual({
    'sqs SendMessageBatch failed': 1,
  });
});

describe('the cost of a call', () => {
  const call: EndedCall = {
    service: 'sqs',
    operation: 'SendMessageBatch',
    outcome: 'done',
    seconds: 0,
    tries: 1,
    messages: 1,
    payloadBytes: 0,
    fifo: false,
  };
  test.each([
    { what: 'a small message', call, usd: 0.4e-6 },
    { what: '65 KB', call: { ...call, payloadBytes: 66_560 }, usd: 0.8e-6 },
    { what: 'two tries', call: { ...call, tries: 2 }, usd: 0.8e-6 },
    { what: 'a FIFO queue', call: { ...call, fifo: true }, usd: 0.5e-6 },
    { what: 'a list', call: { ...call, service: 's3', operation: 'ListObjectsV2' }, usd: 5e-6 },
    { what: 'a get', call: { ...call, service: 's3', operation: 'GetObject' }, usd: 0.4e-6 },
    { what: 'a delete', call: { ...call, service: 's3', operation: 'DeleteObject' }, usd: 0 },
    { what: 'EC2', call: { ...call, service: 'ec2', operation: 'RunInstances' }, usd: 0 },
  ] as const)('$what: $usd USD', async ({ call: each, usd }) => {
    const registry = new Registry();
    observeCalls(addProcessMetrics(registry), US_EAST_1_PRICES).ended(each);
    const [cost] = Object.values(await valuesOf(registry, 'labelfleet_aws_calls_cost_usd_total'));
    expect(cost).toBeCloseTo(usd, 12);
  });

  test('is absent without a price', async () => {
    const registry = new Registry();
    observeCalls(addProcessMetrics(registry), pricesFor('eu-central-1')).ended(call);
    expect(await valuesOf(registry, 'labelfleet_aws_calls_cost_usd_total')).toEqual({});
  });
});
