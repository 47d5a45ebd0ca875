import { AwsCallError } from '@labelfleet/aws/errors';
import { problemCode, type ChunkAttempt, type JobLine } from '@labelfleet/contracts';
import type { Classifier } from '@labelfleet/inference';
import { fakeClassifier } from '@labelfleet/inference/testing';
import { systemClock, type Clock } from '@labelfleet/runtime';
import { describe, expect, test } from 'vitest';
import { Health } from '../../fleet/health.ts';
import { Slots } from '../../receive/slots.ts';
import { PNG } from '../../testing/builders.ts';
import {
  isEmpty,
  openJobBench,
  startJobWorker,
  workUntilEmpty,
  type JobBench,
} from '../../testing/job-bench.ts';

const WAIT = { timeout: 10_000, interval: 2 };
const POISON = Buffer.from('poison');
const never = () => new Promise<never>(() => undefined);

const inShort = (line: JobLine) => (line.status === 'succeeded' ? 'ok' : problemCode(line.problem));
const images = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ key: `${index}.png`, body: PNG }));

/** A classifier whose process crashes at each poison image. */
function fragileClassifier(slots = 2) {
  const answers = fakeClassifier();
  const seen: string[] = [];
  const classifier = fakeClassifier({
    slots,
    answer: (image) => {
      const isPoison = Buffer.from(image).equals(POISON);
      seen.push(isPoison ? 'poison' : 'image');
      if (isPoison) throw new Error('The classifier process ended unexpectedly.');
      return answers.classify(image, { topK: 8 });
    },
  });
  return { classifier, seen };
}

/** A clock whose wall time runs ahead by the delays of released messages, which are released at once. */
function withoutDelays() {
  const delays: number[] = [];
  let aheadMs = 0;
  const clock: Clock = { ...systemClock, unixMs: () => systemClock.unixMs() + aheadMs };
  const wrapQueue = (queue: JobBench['batchQueue']): JobBench['batchQueue'] =>
    replacing(queue, {
      retryIn: (receipt, seconds) => {
        delays.push(seconds);
        aheadMs += seconds * 1000;
        return queue.retryIn(receipt, 0);
      },
    });
  return { clock, wrapQueue, delays };
}

/** The same object with other methods. */
const replacing = <T extends object>(object: T, methods: Partial<T>): T =>
  new Proxy(object, {
    get(target, name) {
      const value: unknown = Reflect.get(name in methods ? methods : target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });

const abortOf = (signal: AbortSignal | undefined) =>
  new Promise<never>((_, reject) =>
    signal?.addEventListener('abort', () => reject(signal.reason as Error)),
  );

const anAttempt = (nonce: string, image: number, endsInMs: number): ChunkAttempt => ({
  ...{ nonce, image, worker: 'i-dead', at: new Date(0).toISOString() },
  endsAt: new Date(Date.now() + endsInMs).toISOString(),
});

describe('a chunk with a poison image', () => {
  const withPoison = (count: number, at: number[]) =>
    images(count).map((image, index) => (at.includes(index) ? { ...image, body: POISON } : image));

  test('is attempted three times alone after its first delivery, then the image is exhausted and the rest succeeds', async () => {
    const bench = await openJobBench(withPoison(6, [3]));
    await bench.send();
    const { classifier, seen } = fragileClassifier();
    const health = new Health();
    const { delays, ...timing } = withoutDelays();
    await workUntilEmpty(bench, { classifier, health, ...timing });
    expect((await bench.lines())?.map(inShort)).toEqual(
      images(6).map((_, index) => (index === 3 ? 'attempts-exhausted' : 'ok')),
    );
    expect(seen.filter((what) => what === 'poison')).toHaveLength(4);
    // Backoffs of 1, 2, 4 and 8 s, half of it jittered; then until the last attempt is certainly over.
    expect(delays).toHaveLength(5);
    for (const [index, most] of [1, 2, 4, 8].entries())
      expect(delays[index]).toBeLessThanOrEqual(most);
    expect(delays[4]).toBeGreaterThan(60);
    expect(await bench.parts.summary(0, 0)).toMatchObject({ succeeded: 5, failed: 1 });
    await expect(Promise.race([health.unhealthy, Promise.resolve('healthy')])).resolves.toBe(
      'healthy',
    );
  });

  test('and another one ends, too', async () => {
    const bench = await openJobBench(withPoison(5, [0, 4]));
    await bench.send();
    const { classifier } = fragileClassifier();
    await workUntilEmpty(bench, { classifier, ...withoutDelays() });
    expect((await bench.lines())?.map(inShort)).toEqual([
      ...['attempts-exhausted', 'ok', 'ok', 'ok', 'attempts-exhausted'],
    ]);
  });

  test('that killed three workers is not attempted again once the last is certainly gone', async () => {
    const bench = await openJobBench(withPoison(4, [2]));
    await bench.putAttempts(['a', 'b', 'c'].map((nonce) => anAttempt(nonce, 2, -1)));
    await bench.send(0, { resent: true });
    const { classifier, seen } = fragileClassifier();
    await workUntilEmpty(bench, { classifier });
    expect((await bench.lines())?.map(inShort)).toEqual(['ok', 'ok', 'attempts-exhausted', 'ok']);
    expect(seen).toEqual(['image', 'image', 'image']);
  });

  test('is released until the last of three workers is certainly gone', async () => {
    const bench = await openJobBench(withPoison(4, [2]));
    await bench.putAttempts(['a', 'b', 'c'].map((nonce) => anAttempt(nonce, 2, 40_000)));
    await bench.send(0, { resent: true });
    const { classifier, seen } = fragileClassifier();
    const { delays, ...timing } = withoutDelays();
    await workUntilEmpty(bench, { classifier, ...timing });
    expect(delays).toEqual([40]);
    expect(seen).toEqual(['image', 'image', 'image']);
  });

  test('and two attempts of dead workers is attempted a third time', async () => {
    const bench = await openJobBench(withPoison(2, [1]));
    await bench.putAttempts(['a', 'b'].map((nonce) => anAttempt(nonce, 1, -1)));
    await bench.send(0, { resent: true });
    const { classifier, seen } = fragileClassifier();
    await workUntilEmpty(bench, { classifier, ...withoutDelays() });
    expect(seen.filter((what) => what === 'poison')).toHaveLength(1);
    expect((await bench.lines())?.map(inShort)).toEqual(['ok', 'attempts-exhausted']);
  });

  test('records which image is attempted, before it is decoded', async () => {
    const bench = await openJobBench(images(3));
    await bench.send(0, { resent: true });
    const recorded: number[][] = [];
    const answers = fakeClassifier();
    const classifier = fakeClassifier({
      answer: async (image) => {
        recorded.push((await bench.attempts()).map(({ image }) => image));
        return answers.classify(image, { topK: 1 });
      },
    });
    await workUntilEmpty(bench, { classifier });
    expect(recorded).toEqual([[0], [1], [2]]);
  });
});

/** A classifier whose images wait until the test lets them go on. */
function gatedClassifier(slots: number) {
  const answers = fakeClassifier();
  const waiting: (() => void)[] = [];
  let begun = 0;
  const classifier = fakeClassifier({
    slots,
    answer: async (image) => {
      begun += 1;
      await new Promise<void>((resolve) => waiting.push(resolve));
      return answers.classify(image, { topK: 1 });
    },
  });
  return { classifier, begun: () => begun, letOneGo: () => waiting.shift()?.() };
}

describe.each([
  { name: 'a first delivery', resent: undefined },
  { name: 'a redelivery', resent: true as const },
])('a worker with $name of a chunk', ({ resent }) => {
  /** One image is done and the next ones are in their classifier processes. */
  async function inTheMiddle(
    options: { classifier?: Classifier; visibilityTimeoutSeconds?: number } = {},
  ) {
    const bench = await openJobBench(images(10));
    await bench.send(0, resent && { resent });
    const gate = gatedClassifier(1);
    const worker = startJobWorker(bench, { classifier: gate.classifier, ...options });
    await expect.poll(gate.begun, WAIT).toBe(1);
    gate.letOneGo();
    await expect.poll(gate.begun, WAIT).toBe(2);
    return { bench, gate, worker };
  }

  test('that drains finishes the image in the classifier, releases the message at once and makes no part', async () => {
    const { bench, gate, worker } = await inTheMiddle();
    const drained = worker.drain();
    gate.letOneGo();
    await drained;
    expect(gate.begun()).toBe(2);
    expect(await bench.batchQueue.depth()).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
    expect(await bench.lines()).toBeUndefined();
    expect(await bench.attempts()).toEqual([]);
    expect(worker.jobActivity.report().openChunks).toBe(0);
  });

  test('that drains gives up the image at the drain deadline', async () => {
    const { bench, worker } = await inTheMiddle();
    const drained = worker.drain();
    worker.deadline.abort(new Error('The drain timeout is over.'));
    // The deadline also ends the tries to withdraw the attempt, of which one is made.
    await drained;
    expect(await bench.batchQueue.depth()).toMatchObject({ visible: 1 });
    expect(await bench.lines()).toBeUndefined();
    expect(await bench.attempts()).toEqual([]);
  });

  test.each([
    { when: 'begins no further image', count: 10 },
    { when: 'at its last image', count: 1 },
  ])('whose visibility lapses $when makes no part and leaves the message', async ({ count }) => {
    const bench = await openJobBench(images(count));
    await bench.send(0, resent && { resent });
    const gate = gatedClassifier(1);
    let receives = 0;
    const once = (queue: JobBench['batchQueue']): JobBench['batchQueue'] =>
      replacing(queue, {
        extend: () => Promise.reject(new Error('no')),
        receive: (options, signal) =>
          receives++ === 0 ? queue.receive(options, signal) : abortOf(signal),
      });
    const { classifier } = gate;
    const worker = startJobWorker(bench, {
      ...{ classifier, visibilityTimeoutSeconds: 1, wrapQueue: once },
    });
    await expect.poll(gate.begun, WAIT).toBe(1);
    // Another worker gets it when its visibility has run out.
    const options = { maxMessages: 1, waitSeconds: 5, visibilityTimeoutSeconds: 30 };
    const [message] = await bench.batchQueue.receive(options);
    expect(message?.receiveCount).toBe(2);
    gate.letOneGo();
    await expect
      .poll(async () => (await worker.metrics.jobChunks.get()).values, WAIT)
      .toContainEqual(expect.objectContaining({ labels: { outcome: 'lapsed' }, value: 1 }));
    await worker.drain();
    expect(gate.begun()).toBe(1);
    expect(await bench.lines()).toBeUndefined();
    expect(await bench.batchQueue.depth()).toMatchObject({ visible: 0, inFlight: 1 });
  });

  test('makes a skipped part once the job is stopped', async () => {
    const bench = await openJobBench(images(10));
    const at = new Date().toISOString();
    await bench.store.stop(bench.job.id, { v: 1, reason: 'canceled', detail: 'by its caller', at });
    await bench.send(0, resent && { resent });
    await workUntilEmpty(bench, { classifier: fakeClassifier({ answer: never }) });
    expect(await bench.lines()).toEqual([]);
    expect(await bench.parts.summary(0, 0)).toMatchObject({ succeeded: 0, failed: 0, skipped: 10 });
    expect(await bench.store.summary(bench.job.id)).toMatchObject({ status: 'canceled' });
  });

  test('finishes it when the job is stopped meanwhile', async () => {
    const { bench, gate, worker } = await inTheMiddle();
    const at = new Date().toISOString();
    await bench.store.stop(bench.job.id, { v: 1, reason: 'canceled', detail: 'by its caller', at });
    await expect.poll(() => (gate.letOneGo(), isEmpty(bench)), WAIT).toBe(true);
    expect(await bench.lines()).toHaveLength(10);
    await worker.drain();
  });

  test('releases it with a backoff and no attempt while S3 cannot be reached', async () => {
    const bench = await openJobBench(images(3));
    await bench.send(0, resent && { resent });
    const { delays, ...timing } = withoutDelays();
    // A failure that is not transient ends the tries at once.
    const failure = new AwsCallError('PutObject', {
      code: 'AccessDenied',
      message: 'no',
      statusCode: 403,
    });
    let failures = 0;
    const worker = await workUntilEmpty(bench, {
      classifier: fakeClassifier(),
      ...timing,
      wrapStore: (store) =>
        replacing(store, {
          put: async (...args) => {
            if (store.bucket === 'results' && failures++ < 2) throw failure;
            return store.put(...args);
          },
        }),
    });
    expect(delays).toHaveLength(2);
    expect((await bench.lines())?.map(inShort)).toEqual(['ok', 'ok', 'ok']);
    expect(worker.jobActivity.report().openChunks).toBe(0);
  });
});

test('images of a chunk never take more memory than there is, whether their sizes are known or not', async () => {
  for (const sizeIsKnown of [true, false]) {
    const bytes = 10_000_000;
    const body = Buffer.concat([PNG, Buffer.alloc(bytes - PNG.length)]);
    const bench = await openJobBench(
      Array.from({ length: 40 }, (_, index) => ({
        ...{ key: `${index}.png`, body, ...(sizeIsKnown && { size: bytes }) },
      })),
    );
    await bench.send();
    const answers = fakeClassifier();
    let held = 0;
    let most = 0;
    const classifier = fakeClassifier({
      answer: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        held -= 1;
        return answers.classify(PNG, { topK: 1 });
      },
    });
    await workUntilEmpty(bench, {
      ...{ classifier, memoryBytes: 25_000_000, maxImageBytes: 12_000_000 },
      wrapStore: (store) =>
        replacing(store, {
          getWithin: (...args) => {
            most = Math.max(most, ++held);
            return store.getWithin(...args);
          },
        }),
    });
    expect(most).toBe(2);
    expect(await bench.lines()).toHaveLength(40);
  }
});

test('a job, a page or a chunk that does not exist is discarded', async () => {
  const bench = await openJobBench(images(1));
  await bench.send(7);
  await bench.send(0, { page: 3 });
  await bench.batchQueue.send({
    body: JSON.stringify({
      v: 1,
      type: 'chunk',
      job: bench.job.id.replace(/^./, 'f'),
      page: 0,
      chunk: 0,
    }),
  });
  await bench.batchQueue.send({ body: 'no message of a job' });
  const worker = await workUntilEmpty(bench, { classifier: fakeClassifier() });
  expect((await bench.parts.chunksOfPage(0)).size).toBe(0);
  expect(worker.jobActivity.report().openChunks).toBe(0);
});

test('images of a redelivered chunk wait until the request queue is polled', async () => {
  const bench = await openJobBench(images(2));
  await bench.send(0, { resent: true });
  const polls: (() => void)[] = [];
  const slots = new Slots(3);
  let begun = 0;
  const answers = fakeClassifier();
  const classifier = fakeClassifier({
    answer: (image) => {
      begun += 1;
      return answers.classify(image, { topK: 1 });
    },
  });
  const polled = () => new Promise<void>((resolve) => polls.push(resolve));
  const worker = startJobWorker(bench, { classifier, slots, polled });
  for (let image = 0; image < 2; image++) {
    await expect.poll(() => polls.length, WAIT).toBe(image + 1);
    // Requests can be received meanwhile.
    expect([begun, slots.room]).toEqual([image, 3]);
    polls[image]?.();
  }
  await expect.poll(() => isEmpty(bench), WAIT).toBe(true);
  await worker.drain();
});

test('while a request is to be worked on alone, no image of a chunk is in a classifier process', async () => {
  const bench = await openJobBench(images(12));
  await bench.send();
  const gate = gatedClassifier(2);
  const slots = new Slots(3);
  const worker = startJobWorker(bench, { classifier: gate.classifier, slots });
  await expect.poll(gate.begun, WAIT).toBe(2);
  const alone = slots.exclusive();
  let isGranted = false;
  const granted = alone.granted(new AbortController().signal).then(() => (isGranted = true));
  gate.letOneGo();
  // Only one more image was in a process.
  await expect.poll(() => gate.classifier.waiting, WAIT).toBe(0);
  expect(isGranted).toBe(false);
  gate.letOneGo();
  await granted;
  expect(gate.begun()).toBe(2);
  alone[Symbol.dispose]();
  await expect.poll(gate.begun, WAIT).toBe(4);
  await expect.poll(() => (gate.letOneGo(), isEmpty(bench)), WAIT).toBe(true);
  await worker.drain();
});
