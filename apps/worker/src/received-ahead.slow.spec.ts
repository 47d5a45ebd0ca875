import { startTestCloud, type TestCloud } from '@labelfleet/aws/testing';
import {
  attemptRecordCodec,
  attemptRecordKey,
  decodeReplyMessage,
  encodeRequestMessage,
  resultKey,
  storedResultCodec,
  type RequestMessage,
  type StoredResult,
} from '@labelfleet/contracts';
import { readJson } from '@labelfleet/aws/store';
import { brightness, fakeClassifier, slowModelDir } from '@labelfleet/inference/testing';
import { FaultsClient } from '@labelfleet/testkit/faults-client';
import { workerPid } from '@labelfleet/testkit/worker-processes';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { aRequest, PNG } from './testing/builders.ts';
import { realWorker } from './testing/real-worker.ts';

const WAIT = { timeout: 25_000, interval: 20 };
/** At this speed a worker receives ten messages ahead. */
const IMAGE_MS = 100;

/** Queues requests that arrive together, and whose messages carry their images. */
async function submit(cloud: TestCloud, count: number, more: Partial<RequestMessage>[] = []) {
  const urls = [await cloud.createQueue('requests'), await cloud.createQueue('replies')];
  const [requestsUrl = '', replyTo = ''] = urls;
  const requests = Array.from({ length: count }, (_, index) =>
    aRequest({
      ...{
        replyTo,
        submittedAt: new Date().toISOString(),
        image: Buffer.from(PNG).toString('base64'),
      },
      ...more[index],
    }),
  );
  const queue = cloud.sqs.queue(requestsUrl);
  await Promise.all(requests.map((request) => queue.send({ body: encodeRequestMessage(request) })));
  return { requests, queue };
}

const resultOf = async (cloud: TestCloud, { requestId }: RequestMessage) =>
  (await readJson(cloud.s3.store('output'), resultKey(requestId), storedResultCodec))?.value;

const attemptsOf = async (cloud: TestCloud, { requestId }: RequestMessage) =>
  (await readJson(cloud.s3.store('state'), attemptRecordKey(requestId), attemptRecordCodec))?.value
    .attempts ?? [];

/** The replies so far, by request. They are not deleted. */
async function repliesOf(cloud: TestCloud): Promise<Map<string, StoredResult[]>> {
  const queue = cloud.sqs.queue(await cloud.createQueue('replies'));
  const options = { maxMessages: 10, waitSeconds: 0, visibilityTimeoutSeconds: 600 };
  const replies: StoredResult[] = [];
  for (;;) {
    const messages = await queue.receive(options);
    if (messages.length === 0) return Map.groupBy(replies, ({ id }) => id);
    for (const { body } of messages) {
      const decoded = decodeReplyMessage(body);
      if (decoded.kind === 'malformed') throw new Error(decoded.reason);
      replies.push(decoded.value.result);
    }
  }
}

/** A classifier with one process, which classifies nothing before the gate is open. */
function gatedClassifier() {
  const gate = Promise.withResolvers<void>();
  let begun = 0;
  const answers = fakeClassifier();
  const classifier = fakeClassifier({
    slots: 1,
    answer: async (image) => {
      begun += 1;
      await gate.promise;
      return answers.classify(image, { topK: 3 });
    },
  });
  return { classifier, open: gate.resolve, begun: () => begun };
}

/**
 * A worker that has received eight messages, of which it is classifying one.
 * @param settings `redelivery`: the last message is one, and waits for its exclusive slot
 */
async function eightReceived(
  cloud: TestCloud,
  settings: {
    drainTimeoutMs?: number;
    visibilityTimeoutMs?: number;
    failExtensions?: true;
    redelivery?: true;
  } = {},
) {
  const { failExtensions, redelivery, ...options } = settings;
  const last = redelivery && { resent: redelivery };
  const { requests, queue } = await submit(cloud, 8, [...Array<object>(7).fill({}), last ?? {}]);
  const faults = new FaultsClient(cloud.endpoint);
  if (failExtensions === true)
    await faults.set({ id: 'extensions', kind: 'error', action: 'ChangeMessageVisibilityBatch' });
  const { classifier, ...gate } = gatedClassifier();
  const { worker, trace } = await realWorker(cloud, { ...options, classifier, imageMs: IMAGE_MS });
  await expect.poll(() => queue.depth(), WAIT).toMatchObject({ visible: 0, inFlight: 8 });
  await expect.poll(gate.begun, WAIT).toBe(1);
  const count = (made: string) => trace.filter((each) => each === made).length;
  return { requests, queue, gate, worker, trace, count, faults };
}

describe('a worker that has received eight messages and is classifying the first', () => {
  test('completes all of them when it drains, and reports that after the last deletion', async () => {
    await using cloud = await startTestCloud();
    const { requests, queue, gate, worker, trace, count } = await eightReceived(cloud, {
      redelivery: true,
    });
    const stopped = worker.stop('SIGTERM');
    gate.open();
    await stopped;
    expect([count('store'), count('reply'), count('delete')]).toEqual([8, 8, 8]);
    expect(count('retry-in')).toBe(0);
    expect(trace.indexOf('drained')).toBeGreaterThan(trace.lastIndexOf('delete'));
    expect(await queue.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    for (const request of requests)
      expect(await resultOf(cloud, request)).toMatchObject({ status: 'succeeded', attempts: 1 });
  });

  test('releases all of them at the drain timeout, and counts no attempt', async () => {
    await using cloud = await startTestCloud();
    const settings = { drainTimeoutMs: 300, redelivery: true } as const;
    const { requests, queue, gate, worker, trace, count } = await eightReceived(cloud, settings);
    await worker.stop('SIGTERM');
    expect([count('store'), count('reply'), count('delete')]).toEqual([0, 0, 0]);
    expect(count('retry-in')).toBe(8);
    expect(trace.indexOf('drained')).toBeGreaterThan(trace.lastIndexOf('retry-in'));
    expect(gate.begun()).toBe(1);
    expect(await queue.depth()).toEqual({ visible: 8, inFlight: 0, delayed: 0 });
    for (const request of requests) expect(await attemptsOf(cloud, request)).toEqual([]);
  });

  test('attempts and deletes none of them after their visibility has lapsed', async () => {
    await using cloud = await startTestCloud();
    const lapse = { visibilityTimeoutMs: 2_000, failExtensions: true } as const;
    const settings = { ...lapse, redelivery: true } as const;
    const { requests, queue, gate, worker, trace, count } = await eightReceived(cloud, settings);
    // A worker that drains does not receive them again.
    const stopped = worker.stop('SIGTERM');
    await expect.poll(() => queue.depth(), WAIT).toMatchObject({ visible: 8 });
    gate.open();
    await stopped;
    expect(trace).toContain('extend-failed');
    expect(gate.begun()).toBe(1);
    expect([count('store'), count('reply'), count('delete')]).toEqual([1, 1, 0]);
    expect(count('retry-in')).toBe(0);
    expect(await queue.depth()).toMatchObject({ visible: 8 });
    const results = await Promise.all(requests.map((request) => resultOf(cloud, request)));
    expect(results.filter((result) => result !== undefined)).toHaveLength(1);
    for (const request of requests) expect(await attemptsOf(cloud, request)).toEqual([]);
  });
});

test('requests whose visibility lapses while their deletion is under way are replied again by another worker, with the same result', async () => {
  await using cloud = await startTestCloud();
  const settings = { visibilityTimeoutMs: 2_000 };
  const { requests, queue, gate, worker, count, faults } = await eightReceived(cloud, settings);
  const deletion = { kind: 'hold', action: 'DeleteMessageBatch', match: { queue: 'requests' } };
  await faults.set({ id: 'deletion', ...deletion, count: 1 });
  const stopped = worker.stop('SIGTERM');
  gate.open();
  await expect.poll(async () => (await faults.held('deletion')).length, WAIT).toBe(1);
  await faults.set({ id: 'extensions', kind: 'error', action: 'ChangeMessageVisibilityBatch' });
  await expect.poll(() => queue.depth(), WAIT).toMatchObject({ visible: 8 });

  await faults.clear('extensions');
  const other = await realWorker(cloud, { classifier: fakeClassifier(), instanceId: 'i-2' });
  await expect.poll(() => queue.depth(), WAIT).toMatchObject({ visible: 0, inFlight: 0 });
  await faults.clear('deletion');
  await Promise.all([stopped, other.worker.stop('SIGTERM')]);
  expect(count('store')).toBe(8);
  expect(other.trace).not.toContain('store');
  const replies = await repliesOf(cloud);
  for (const request of requests) {
    const result = await resultOf(cloud, request);
    expect(result).toMatchObject({ status: 'succeeded', attempts: 1, worker: 'i-1' });
    expect(replies.get(request.requestId)).toEqual([result, result]);
    expect(await attemptsOf(cloud, request)).toEqual([]);
  }
  expect(await queue.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
});

test('a redelivery among messages that were received ahead is classified alone', async () => {
  await using cloud = await startTestCloud();
  const redelivered = await brightness(1);
  const answers = fakeClassifier();
  const together: string[][] = [];
  const running = new Set<string>();
  const classifier = fakeClassifier({
    answer: async (image) => {
      const name = `${Buffer.from(image).equals(redelivered) ? 'redelivery' : 'image'} ${together.length}`;
      running.add(name);
      together.push([...running]);
      await new Promise((resolve) => setTimeout(resolve, 30));
      running.delete(name);
      return answers.classify(image, { topK: 3 });
    },
  });
  const third = { resent: true as const, image: redelivered.toString('base64') };
  const { requests, queue } = await submit(cloud, 9, [{}, {}, third]);
  const { worker } = await realWorker(cloud, { classifier, imageMs: IMAGE_MS });
  await expect.poll(() => queue.depth(), WAIT).toMatchObject({ visible: 0, inFlight: 0 });
  await worker.stop('SIGTERM');
  expect(Math.max(...together.map((names) => names.length))).toBe(2);
  const redeliveries = together.filter((names) => names.some((name) => name.startsWith('re')));
  expect(redeliveries).toEqual([[expect.stringContaining('redelivery')]]);
  for (const request of requests)
    expect(await resultOf(cloud, request)).toMatchObject({ attempts: 1 });
});

test('two workers share a burst: neither receives more than it classifies in about a second', async () => {
  await using cloud = await startTestCloud();
  const { requests, queue } = await submit(cloud, 60);
  const answers = fakeClassifier();
  const start = async (instanceId: string) => {
    const classifier = fakeClassifier({
      slots: 1,
      answer: async (image) => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        return answers.classify(image, { topK: 3 });
      },
    });
    const { worker } = await realWorker(cloud, { classifier, instanceId, imageMs: 50 });
    return worker;
  };
  const first = await start('i-1');
  await expect.poll(async () => (await queue.depth()).inFlight, WAIT).toBeGreaterThan(0);
  expect((await queue.depth()).inFlight).toBeLessThanOrEqual(12);
  const second = await start('i-2');
  await expect.poll(() => queue.depth(), WAIT).toMatchObject({ visible: 0, inFlight: 0 });
  await Promise.all([first.stop('SIGTERM'), second.stop('SIGTERM')]);
  const results = await Promise.all(requests.map((request) => resultOf(cloud, request)));
  const workers = Object.groupBy(results, (result) => result?.worker ?? 'none');
  for (const id of ['i-1', 'i-2']) expect(workers[id]?.length).toBeGreaterThanOrEqual(20);
});

test('after a worker is killed that had received ahead and had not deleted what it replied, every request has one result, and no attempt counts that was not begun', async () => {
  const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
  await using folder = await temporaryFolder();
  const dataDir = join(folder.path, 'cloud');
  const images = { 'ami-worker': { command: [process.execPath, MAIN] } };
  await using cloud = await startTestCloud({ images, dataDir });
  for (const bucket of ['input', 'output', 'state']) await cloud.createBucket(bucket);
  const variables = {
    AWS_ENDPOINT_URL: cloud.endpoint,
    REQUEST_QUEUE_URL: await cloud.createQueue('requests'),
    FLEET_EVENT_QUEUE_URL: await cloud.createQueue('events'),
    ...{ INPUT_BUCKET: 'input', OUTPUT_BUCKET: 'output', STATE_BUCKET: 'state' },
    ...{ MODEL_DIR: slowModelDir, INFERENCE_THREADS: '1', SLOTS: '2' },
    ...{ POLL_SECONDS: '1', VISIBILITY_TIMEOUT_SECONDS: '6' },
  };
  const template = await cloud.createWorkerTemplate('ami-worker', variables);
  const launch = async (clientToken: string): Promise<string> => {
    const launched = await cloud.ec2.fleet.launch({
      ...{ clientToken, count: 1, market: 'on-demand', tags: {} },
      ...{ launchTemplateId: template.id, launchTemplateVersion: '1' },
    });
    const id = launched.kind === 'launched' ? launched.instances[0]?.instanceId : undefined;
    if (id === undefined) throw new Error(`no worker was launched: ${launched.kind}`);
    return id;
  };
  const slow = { image: (await brightness(4)).toString('base64') };
  const faults = new FaultsClient(cloud.endpoint);

  const victim = await launch('victim');
  // By one image the worker knows its speed.
  const warm = await submit(cloud, 1, [slow]);
  await expect.poll(() => warm.queue.depth(), WAIT).toMatchObject({ visible: 0, inFlight: 0 });
  const hold = { kind: 'hold', action: 'DeleteMessageBatch', match: { queue: 'requests' } };
  await faults.set({ id: 'deletion', ...hold, count: 1, seconds: 600 });
  const { requests, queue } = await submit(cloud, 10, Array<object>(10).fill(slow));
  await expect.poll(async () => (await faults.held('deletion')).length, WAIT).toBe(1);
  const depth = await queue.depth();
  const pid = await workerPid(dataDir, victim);
  if (pid === undefined) throw new Error('the worker has no process');
  process.kill(pid, 'SIGKILL');
  await expect.poll(async () => (await faults.held('deletion')).length, WAIT).toBe(0);
  const early = await Promise.all(requests.map((request) => resultOf(cloud, request)));
  const done = early.filter((result) => result !== undefined).length;
  expect(depth.inFlight).toBeGreaterThan(2);
  expect(done).toBeGreaterThan(0);
  expect(done).toBeLessThan(depth.inFlight - 1);

  const successor = await launch('successor');
  await expect.poll(() => queue.depth(), WAIT).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  const replies = await repliesOf(cloud);
  for (const [index, request] of requests.entries()) {
    const result = await resultOf(cloud, request);
    expect(result).toMatchObject({ status: 'succeeded', attempts: 1 });
    const isEarly = early[index] !== undefined;
    expect(result?.worker).toBe(isEarly ? victim : successor);
    const replied = replies.get(request.requestId) ?? [];
    expect(replied.length).toBeGreaterThanOrEqual(1);
    expect(replied.length).toBeLessThanOrEqual(isEarly ? 2 : 1);
    for (const reply of replied) expect(reply).toEqual(result);
    for (const { worker } of await attemptsOf(cloud, request)) expect(worker).toBe(successor);
  }
}, 60_000);

async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'worker-'));
  const remove = () => rm(path, { recursive: true, force: true, maxRetries: 5 });
  return { path, [Symbol.asyncDispose]: remove };
}
