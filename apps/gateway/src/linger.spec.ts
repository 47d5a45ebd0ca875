import { startTestCloud } from '@labelfleet/aws/testing';
import { decodeRequestMessage } from '@labelfleet/contracts';
import { FaultsClient } from '@labelfleet/testkit/faults-client';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { completeNext } from './testing/fake-worker.ts';
import { startProcess } from './testing/gateway-process.ts';
import { imageForm, JPEG } from './testing/uploads.ts';

const BUCKETS = { INPUT_BUCKET: 'input', OUTPUT_BUCKET: 'output', STATE_BUCKET: 'state' };
const CALLERS = Array.from({ length: 16 }, (_, caller) => `caller-${caller}`);
const WAIT = { timeout: 20_000, interval: 20 };

/** A gateway process and workers that take 200 ms for an image, whose label is the image's file name. */
async function start() {
  await using opened = new AsyncDisposableStack();
  const cloud = opened.use(await startTestCloud());
  for (const bucket of Object.values(BUCKETS)) await cloud.createBucket(bucket);
  const requestQueueUrl = await cloud.createQueue('requests');
  const faults = new FaultsClient(cloud.endpoint);
  const startGateway = () =>
    startProcess({
      ...cloud.environment,
      ...BUCKETS,
      REQUEST_QUEUE_URL: requestQueueUrl,
      REPLY_QUEUE_PREFIX: 'replies-',
      PORT: '0',
      DRAIN_TIMEOUT_SECONDS: '0',
    });
  const gateway = opened.use(startGateway());
  const url = await gateway.url;

  const working = new AbortController();
  const surroundings = { requestQueueUrl, inputBucket: 'input', outputBucket: 'output' };
  const labelOf = ({ fileName }: { fileName?: string | undefined }) => fileName ?? 'none';
  const workers = CALLERS.map(async () => {
    while (!working.signal.aborted) {
      await delay(200);
      await completeNext(cloud, { ...surroundings, labelOf }, working.signal);
    }
  });
  const endWorkers = async () => {
    working.abort('the test is over');
    await Promise.allSettled(workers);
  };
  opened.defer(endWorkers);

  const post = async (fileName: string) => {
    const { contentType, body } = imageForm(JPEG, fileName);
    const headers = { 'content-type': contentType };
    const options = { method: 'POST', body: new Uint8Array(body), headers };
    const response = await fetch(url, options);
    const id = response.headers.get('x-request-id') ?? '';
    return { id, status: response.status, text: await response.text() };
  };
  const postAll = () => Promise.all(CALLERS.map(post));
  /** Makes callers wait, so that the gateway lets its next sends linger. */
  const load = async () => {
    await postAll();
    await postAll();
  };
  const ending = opened.move();
  return {
    ...{ cloud, requestQueueUrl, faults, gateway, startGateway, postAll, load, endWorkers },
    [Symbol.asyncDispose]: () => ending.disposeAsync(),
  };
}

test('each of 16 callers gets the answer to its own image while sends linger, and several sends share a call', async () => {
  await using started = await start();
  const { faults, postAll, load } = started;
  await load();
  const sends = { action: 'SendMessageBatch', match: { queue: 'requests' } };
  await faults.set({ id: 'sends', kind: 'latency', seconds: 0, ...sends });
  const answers = await postAll();
  expect(answers.map(({ status, text }) => [status, text])).toEqual(
    CALLERS.map((fileName) => [200, fileName]),
  );
  expect(new Set(answers.map(({ id }) => id)).size).toBe(CALLERS.length);
  expect((await faults.list())[0]?.matched).toBeLessThanOrEqual(CALLERS.length / 2);
});

test('a gateway that is stopped while sends linger has accepted or refused every request', async () => {
  await using started = await start();
  const { cloud, requestQueueUrl, faults, gateway, postAll, load, endWorkers } = started;
  await load();
  await endWorkers();
  const images = { action: 'PutObject', match: { bucket: 'input' } };
  await faults.set({ id: 'images', kind: 'hold', ...images });
  const answering = postAll();
  await expect.poll(async () => (await faults.held('images')).length, WAIT).toBe(CALLERS.length);
  await faults.clear('images');
  gateway.child.kill('SIGTERM');
  const answers = await answering;
  expect(await gateway.exited).toBe(0);

  const queued = new Set<string>();
  const options = { maxMessages: 10, waitSeconds: 0, visibilityTimeoutSeconds: 600 };
  for (let received = 1; received > 0;) {
    const messages = await cloud.sqs.queue(requestQueueUrl).receive(options);
    received = messages.length;
    for (const { body } of messages) {
      const decoded = decodeRequestMessage(body);
      if (decoded.kind === 'decoded') queued.add(decoded.value.requestId);
    }
  }
  const accepted = answers.filter(({ status }) => status === 202).map(({ id }) => id);
  expect(new Set(accepted)).toEqual(queued);
  expect(accepted.length).toBeGreaterThan(0);
  for (const { status } of answers) expect([202, 503]).toContain(status);
});

test('a gateway that is killed before it has deleted its replies leaves them to nobody', async () => {
  await using started = await start();
  const { cloud, faults, gateway, startGateway, postAll } = started;
  const deletions = { action: 'DeleteMessageBatch', match: { queue: 'replies-*' } };
  await faults.set({ id: 'deletions', kind: 'hold', seconds: 600, ...deletions });
  const answers = await postAll();
  expect(answers.map(({ text }) => text)).toEqual(CALLERS);
  const [replyQueue = ''] = await cloud.sqs.admin.list('replies-');
  gateway.child.kill('SIGKILL');
  await gateway.exited;
  expect((await cloud.sqs.queue(replyQueue).depth()).inFlight).toBe(CALLERS.length);

  await using again = startGateway();
  const newUrl = await again.url;
  const found = await Promise.all(
    answers.map(async ({ id }) => {
      const response = await fetch(`${newUrl}/v1/classifications/${id}`);
      return ((await response.json()) as { label?: string }).label;
    }),
  );
  expect(found).toEqual(CALLERS);
  const metrics = await (await fetch(`${newUrl}/metrics`)).text();
  expect(metrics).not.toMatch(/^labelfleet_replies_total\{kind="unknown"\} [1-9]/m);
  const queues = await cloud.sqs.admin.list('replies-');
  expect(queues).toHaveLength(2);
  for (const queue of queues)
    if (queue !== replyQueue)
      expect(await cloud.sqs.queue(queue).depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
});
