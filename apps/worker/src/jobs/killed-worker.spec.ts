import { fakeClassifier } from '@labelfleet/inference/testing';
import { expect, test } from 'vitest';
import { PNG } from '../testing/builders.ts';
import {
  isEmpty,
  openJobBench,
  startJobWorker,
  workUntilEmpty,
  type JobBench,
} from '../testing/job-bench.ts';
import { mortal } from '../testing/mortal.ts';

const WAIT = { timeout: 10_000, interval: 2 };
const STORE = ['get', 'getWithin', 'put', 'head', 'list', 'listObjects', 'delete'] as const;

const broken = {
  line: 3,
  problem: {
    type: 'urn:labelfleet:problem:malformed-request',
    title: 'no',
    status: 400,
    detail: 'Line 3 is no JSON.',
    requestId: 'x',
  },
} as const;
const images = [
  { key: 'a.png', body: PNG },
  { key: 'missing.png', body: null },
  broken,
  { key: 'text.png', body: Buffer.from('no image') },
];
/** The lines of a part, in short. */
const LINES = ['succeeded a.png', 'failed missing.png', 'failed 3', 'failed text.png'];

/** A job of two chunks, whose messages were received so many times before. */
async function openBench(earlier: number): Promise<JobBench> {
  const bench = await openJobBench([...images, ...images], { chunkImages: images.length });
  await bench.sendAll();
  for (let receives = 0; receives < earlier; receives++) await receiveAndRelease(bench);
  return bench;
}

/** As if the visibility of all messages had run out. */
async function receiveAndRelease({ batchQueue }: JobBench): Promise<void> {
  const options = { maxMessages: 10, waitSeconds: 0, visibilityTimeoutSeconds: 30 };
  for (const { receipt } of await batchQueue.receive(options)) await batchQueue.retryIn(receipt, 0);
}

/** A worker that is killed at a call. */
function startMortal(bench: JobBench, last: number, when: 'before' | 'after') {
  const life = mortal(last, when);
  const receipts: string[] = [];
  const worker = startJobWorker(bench, {
    classifier: fakeClassifier(),
    instanceId: 'i-first',
    wrapStore: (store) => life.wrap(store, STORE),
    wrapQueue: (queue) => ({
      ...{ url: queue.url, send: () => Promise.reject(new Error('not expected')) },
      ...{ checkSend: () => queue.checkSend(), depth: () => queue.depth() },
      receive: async (options, signal) => {
        const messages = await queue.receive(options, signal);
        receipts.push(...messages.map(({ receipt }) => receipt));
        return messages;
      },
      extend: (...args) => queue.extend(...args),
      ...bound(life.wrap(queue, ['ack', 'retryIn'])),
    }),
  });
  return { life, receipts, worker };
}

const bound = (queue: Pick<JobBench['batchQueue'], 'ack' | 'retryIn'>) => ({
  ack: (receipt: string) => queue.ack(receipt),
  retryIn: (receipt: string, seconds: number) => queue.retryIn(receipt, seconds),
});

/** What is right whatever was killed: one part a chunk, each image once, and the job is completed. */
async function expectCompleted(bench: JobBench): Promise<void> {
  for (const chunk of [0, 1]) {
    const lines = await bench.lines(chunk);
    const short = lines?.map((line) => {
      const name = line.image?.replace('s3://photos/', '');
      return `${line.status} ${name ?? (line.status === 'failed' ? line.line : '')}`;
    });
    expect(short).toEqual(LINES);
  }
  expect((await bench.parts.chunksOfPage(0)).size).toBe(2);
  expect(await bench.store.summary(bench.job.id)).toMatchObject({
    status: 'succeeded',
    images: 8,
    counts: { succeeded: 2, failed: 6, skipped: 0 },
  });
  expect(await bench.store.isActive(bench.job.id)).toBe(false);
}

test.each([
  { earlier: 0, name: 'first deliveries' },
  { earlier: 1, name: 'redeliveries' },
])(
  'after a worker was killed before or after any of its calls on $name, another makes one part a chunk, with each image once',
  { timeout: 120_000 },
  async ({ earlier }) => {
    const undisturbed = await openBench(earlier);
    const { life, worker } = startMortal(undisturbed, Infinity, 'before');
    await expect.poll(() => isEmpty(undisturbed), WAIT).toBe(true);
    await worker.drain();
    await expectCompleted(undisturbed);
    const calls = life.calls();
    expect(calls).toBeGreaterThan(15);

    for (let last = 1; last <= calls; last++)
      for (const when of ['before', 'after'] as const) {
        const bench = await openBench(earlier);
        const first = startMortal(bench, last, when);
        await Promise.race([
          first.life.killed,
          expect.poll(() => isEmpty(bench), { ...WAIT, message: `call ${last}` }).toBe(true),
        ]);
        await first.worker.forget();
        // The first worker is gone; what it had in hand becomes visible.
        for (const receipt of first.receipts) await bench.batchQueue.retryIn(receipt, 0);
        await workUntilEmpty(bench, { classifier: fakeClassifier(), instanceId: 'i-second' });
        await expectCompleted(bench);
      }
  },
);
