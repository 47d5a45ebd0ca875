import { startTestCloud, type TestCloud } from '@labelfleet/aws/testing';
import {
  makeProblem,
  encodeStoredResult,
  encodeWebhookMessage,
  resultKey,
  webhookId,
  type WebhookMessage,
} from '@labelfleet/contracts';
import { JobStore } from '@labelfleet/jobs';
import { createLogger, systemClock } from '@labelfleet/runtime';
import { NO_PRICES } from '@labelfleet/scaling/cost';
import { lookup } from 'node:dns';
import type { RequestListener } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BatchStore } from '../batches/batch-store.ts';
import { JobLooks } from '../jobs/look/job-looks.ts';
import { createMetrics } from '../metrics.ts';
import { ResultStore } from '../replies/result-store.ts';
import { aJob, someKeys, workOn } from '../testing/jobs.ts';
import { startReceiver } from '../testing/receiver.ts';
import { NO_FLEET, someRequestId, succeeded } from '../testing/results.ts';
import { OutboxListener, type OutboxListenerDeps } from './outbox-listener.ts';
import { parseReceivers } from './parse-receivers.ts';
import { WebhookRecords } from './webhook-records.ts';

const JSON_TYPE = { contentType: 'application/json' };
const PATIENT = { timeout: 20_000 };

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
  for (const bucket of ['output', 'state']) await cloud.createBucket(bucket);
});
afterAll(() => cloud[Symbol.asyncDispose]());

let benches = 0;

/** A separate outbox queue, and a listener for it. */
async function openBench(
  receivers: Record<string, { url: string; secret: string }>,
  overrides: Partial<OutboxListenerDeps> = {},
) {
  benches += 1;
  const [outbox, deadLetters] = [
    cloud.sqs.queue(await cloud.createQueue(`webhooks-${benches}`)),
    cloud.sqs.queue(await cloud.createQueue(`webhooks-${benches}-dead-letters`)),
  ];
  const [output, state] = [cloud.s3.store('output'), cloud.s3.store('state')];
  const levels = { inflightUploadBytes: () => 0, maxUploadBytes: 1, waiters: () => 0 };
  const metrics = createMetrics({ ...levels, fleet: NO_FLEET });
  const file = Object.entries(receivers).map(([name, { url, secret }]) => ({
    ...{ name, url, secrets: [secret] },
  }));
  const records = new WebhookRecords(state);
  const storeOf = (bucket: string) => cloud.s3.store(bucket);
  const batches = new BatchStore(state);
  let stopping = new AbortController();
  let ended = Promise.resolve();
  const start = () => {
    stopping = new AbortController();
    const listener = new OutboxListener({
      basePath: '',
      ...{ outbox, deadLetters, output, records, metrics, lookup, clock: systemClock },
      batches,
      results: new ResultStore(output),
      jobLooks: new JobLooks({
        ...{ jobs: new JobStore(state), storeOf },
        monotonicMs: () => performance.now(),
      }),
      prices: NO_PRICES,
      receivers: {
        value: parseReceivers(JSON.stringify({ receivers: file }), { allowLoopback: true }),
      },
      allowLoopback: true,
      times: { firstSeconds: 1, longestSeconds: 1, giveUpAfterMs: 3_600_000 },
      mostWaiting: 100_000,
      random: Math.random,
      log: createLogger({ app: 'gateway', level: 'silent' }),
      ...overrides,
    });
    ended = listener.run(stopping.signal);
  };
  const stop = async () => {
    stopping.abort(new Error('the test is over'));
    await ended;
  };
  const send = (message: WebhookMessage) => outbox.send({ body: encodeWebhookMessage(message) });
  const storeResult = async (id: string) => {
    const result = encodeStoredResult(succeeded({ id }));
    await output.put(resultKey(id), result, JSON_TYPE);
  };
  const aWebhook = (receiver: string, id = someRequestId()): WebhookMessage => ({
    ...{ v: 1, type: 'classification.completed', id, receiver },
  });
  return {
    ...{
      outbox,
      deadLetters,
      batches,
      records,
      jobs: new JobStore(state),
      storeOf,
      start,
      stop,
      send,
      storeResult,
      aWebhook,
    },
    /** Stores a result and sends its webhook message, as a worker does. */
    complete: async (receiver: string): Promise<WebhookMessage> => {
      const message = aWebhook(receiver);
      await storeResult(message.id);
      await send(message);
      return message;
    },
    outcomes: async (receiver: string, outcome: string): Promise<number> => {
      const { values } = await metrics.webhooks.get();
      const isIt = ({ labels }: (typeof values)[number]) =>
        labels.receiver === receiver && labels.outcome === outcome;
      return values.find(isIt)?.value ?? 0;
    },
    isEmpty: async (): Promise<boolean> => {
      const { visible, inFlight, delayed } = await outbox.depth();
      return visible + inFlight + delayed === 0;
    },
    buried: async (): Promise<string[]> => {
      const poll = { maxMessages: 10, waitSeconds: 0, visibilityTimeoutSeconds: 0 };
      return (await deadLetters.receive(poll)).map(({ body }) => body);
    },
    [Symbol.asyncDispose]: stop,
  };
}

const idsOf = (messages: WebhookMessage[]) => new Set(messages.map(webhookId));
const times = <T>(count: number, make: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, make));

test('a classification is sent as GET returns it, signed, and its message is deleted', async () => {
  await using receiver = await startReceiver();
  await using bench = await openBench({ archive: receiver });
  bench.start();
  const { id } = await bench.complete('archive');
  await expect.poll(bench.isEmpty, PATIENT).toBe(true);
  const { v, caller, ...result } = succeeded({ id });
  expect([v, caller]).toEqual([1, undefined]);
  expect(receiver.received).toEqual([
    {
      id: `classification_${id}`,
      event: {
        type: 'classification.completed',
        timestamp: result.completedAt,
        data: { ...result, links: { self: `/v1/classifications/${id}` } },
      },
    },
  ]);
});

test('a job that has just been completed is sent as GET returns it', async () => {
  await using receiver = await startReceiver();
  await using bench = await openBench({ archive: receiver });
  const job = aJob({ caller: 'shop', notify: 'archive' });
  await bench.jobs.create(job);
  const work = workOn(bench, job);
  await work.finish(await work.list(someKeys(3), { isLast: true }));
  await work.complete();
  await bench.send({ v: 1, type: 'job.completed', id: job.id, receiver: 'archive' });
  bench.start();
  await expect.poll(bench.isEmpty, PATIENT).toBe(true);
  expect(receiver.received).toMatchObject([
    {
      id: `job_${job.id}`,
      event: {
        type: 'job.completed',
        data: {
          id: job.id,
          status: 'succeeded',
          counts: { listed: 3, succeeded: 3, remaining: 0 },
          links: { results: `/v1/jobs/${job.id}/results` },
        },
      },
    },
  ]);
});

const hang: RequestListener = () => undefined;
const answers =
  (status: number): RequestListener =>
  (_, response) =>
    response.writeHead(status, { location: 'http://127.0.0.1/' }).end();

describe.each<[string, Partial<{ answer: RequestListener; isDown: true }>, RegExp]>([
  ['is down', { isDown: true }, /^Nothing listens/],
  ['answers 500', { answer: answers(500) }, /^The receiver answered 500\.$/],
  ['redirects', { answer: answers(302) }, /^The receiver answered 302\. Redirects/],
])('a receiver that %s', (_, fault, reason) => {
  test('affects no other, and gets all its webhooks when it is well again', async () => {
    await using well = await startReceiver();
    await using ill = await startReceiver(fault.answer);
    if (fault.isDown) await ill.goDown();
    await using bench = await openBench({ well, ill });
    const [missed, other] = [
      await times(30, () => bench.complete('ill')),
      await times(30, () => bench.complete('well')),
    ];
    bench.start();
    await expect.poll(well.ids, PATIENT).toEqual(idsOf(other));
    expect(well.received).toHaveLength(30);
    // All that wait are listed, with the reason.
    await expect
      .poll(
        async () =>
          (await Promise.all(missed.map((m) => bench.records.find(m)))).filter(Boolean).length,
        PATIENT,
      )
      .toBe(30);
    for (const message of missed)
      expect(await bench.records.find(message)).toMatchObject({
        message,
        error: expect.stringMatching(reason) as string,
        nextTryAt: expect.any(String) as string,
      });

    const before = ill.received.length;
    if (fault.isDown) await ill.comeBack();
    ill.answer((_request, response) => response.end());
    await expect.poll(bench.isEmpty, PATIENT).toBe(true);
    expect(new Set(ill.received.slice(before).map(({ id }) => id))).toEqual(idsOf(missed));
    for (const message of missed) expect(await bench.records.find(message)).toBeUndefined();
  });
});

test('a receiver that does not answer holds up no other, and is sent 20 webhooks at most at a time', async () => {
  await using well = await startReceiver();
  await using silent = await startReceiver(hang);
  await using bench = await openBench({ well, silent });
  const missed = await times(50, () => bench.complete('silent'));
  bench.start();
  await expect.poll(() => silent.received.length, PATIENT).toBe(20);
  const other = await times(30, () => bench.complete('well'));
  await expect.poll(well.ids, PATIENT).toEqual(idsOf(other));
  await expect.poll(() => bench.outcomes('silent', 'held'), PATIENT).toBeGreaterThan(30);
  expect(silent.received).toHaveLength(20);
  // It breaks the connections off, and is well again.
  silent.answer((_request, response) => response.end());
  await silent.goDown();
  await silent.comeBack();
  await expect.poll(bench.isEmpty, PATIENT).toBe(true);
  expect(silent.ids()).toEqual(idsOf(missed));
});

test('no webhook goes to a name that resolves to a private address, or to a receiver that is gone', async () => {
  await using receiver = await startReceiver();
  const url = receiver.url.replace('127.0.0.1', 'localhost');
  await using bench = await openBench(
    { rebound: { ...receiver, url } },
    { lookup: (_host, _options, callback) => callback(null, [{ address: '10.0.0.1', family: 4 }]) },
  );
  bench.start();
  const [rebound, gone] = [await bench.complete('rebound'), await bench.complete('gone')];
  const errorOf = async (message: WebhookMessage) => (await bench.records.find(message))?.error;
  await expect
    .poll(() => errorOf(rebound), PATIENT)
    .toMatch(/^10\.0\.0\.1 is no address of the public/);
  await expect
    .poll(() => errorOf(gone), PATIENT)
    .toBe('WEBHOOKS_FILE has no receiver of this name.');
  expect(receiver.received).toEqual([]);
});

test('a webhook that fails for longer than its time goes to the dead-letter queue, with its reason', async () => {
  await using receiver = await startReceiver(answers(503));
  const quick = { firstSeconds: 0, longestSeconds: 0, giveUpAfterMs: 300 };
  await using bench = await openBench({ archive: receiver }, { times: quick });
  bench.start();
  const message = await bench.complete('archive');
  await expect.poll(bench.isEmpty, PATIENT).toBe(true);
  expect(await bench.buried()).toEqual([encodeWebhookMessage(message)]);
  const record = await bench.records.find(message);
  expect(record).toMatchObject({ nextTryAt: null, error: 'The receiver answered 503.' });
  expect(record?.tries).toBe(receiver.received.length);
  expect(record?.tries).toBeGreaterThan(1);
});

test('while too many wait, one that fails goes to the dead-letter queue at once', async () => {
  await using receiver = await startReceiver(answers(503));
  await using bench = await openBench({ archive: receiver }, { mostWaiting: 0 });
  bench.start();
  const message = await bench.complete('archive');
  await expect.poll(bench.buried, PATIENT).toEqual([encodeWebhookMessage(message)]);
  expect(await bench.records.find(message)).toMatchObject({ tries: 1, nextTryAt: null });
});

test('a message of another version goes to the dead-letter queue unchanged', async () => {
  await using bench = await openBench({});
  bench.start();
  const body = JSON.stringify({ ...bench.aWebhook('archive'), v: 2 });
  await bench.outbox.send({ body });
  await expect.poll(bench.buried, PATIENT).toEqual([body]);
  expect(await bench.isEmpty()).toBe(true);
});

const REFUSED = makeProblem('unsupported-media-type', someRequestId(), 'This is no image.');

test('a batch is sent when its last request has its result, and not again for later messages', async () => {
  await using receiver = await startReceiver();
  await using bench = await openBench({ archive: receiver });
  const batchId = someRequestId();
  const requests = Array.from({ length: 12 }, someRequestId);
  const items = [...requests.map((requestId) => ({ requestId })), { problem: REFUSED }];
  await bench.batches.storeOnce({ v: 1, id: batchId, items });
  const message = { ...bench.aWebhook('archive', batchId), type: 'batch.completed' } as const;
  bench.start();
  for (const id of requests.slice(0, -1)) {
    await bench.storeResult(id);
    await bench.send(message);
  }
  await expect.poll(bench.isEmpty, PATIENT).toBe(true);
  expect(receiver.received).toEqual([]);
  await bench.storeResult(requests.at(-1) ?? '');
  await times(25, () => bench.send(message));
  await expect.poll(bench.isEmpty, PATIENT).toBe(true);
  const self = `/v1/batches/${batchId}`;
  const event = {
    type: 'batch.completed',
    timestamp: expect.any(String) as string,
    data: { id: batchId, status: 'completed', links: { self, results: `${self}/results` } },
  };
  expect(receiver.received[0]).toEqual({ id: `batch_${batchId}`, event });
  // More than once only where two tries ran at the same time.
  expect(receiver.received.length).toBeLessThan(12);
  expect(await bench.outcomes('archive', 'repeated')).toBeGreaterThan(12);
});

test('a webhook message that comes before its batch is tried again', async () => {
  await using receiver = await startReceiver();
  await using bench = await openBench({ archive: receiver });
  bench.start();
  const batchId = someRequestId();
  const message = { ...bench.aWebhook('archive', batchId), type: 'batch.completed' } as const;
  await bench.send(message);
  const error = async () => (await bench.records.find(message))?.error;
  await expect.poll(error, PATIENT).toBe('The state bucket has no such batch.');
  await bench.batches.storeOnce({ v: 1, id: batchId, items: [{ problem: REFUSED }] });
  await expect.poll(() => receiver.received.length, PATIENT).toBe(1);
});

test('a gateway that stops in a try leaves the webhook to another one at once', async () => {
  await using receiver = await startReceiver(hang);
  await using bench = await openBench({ archive: receiver });
  bench.start();
  const message = await bench.complete('archive');
  await expect.poll(() => receiver.received.length, PATIENT).toBe(1);
  await bench.stop();
  expect(await bench.records.find(message)).toBeUndefined();
  receiver.answer((_request, response) => response.end());
  bench.start();
  await expect.poll(bench.isEmpty, PATIENT).toBe(true);
  expect(receiver.received).toHaveLength(2);
});
