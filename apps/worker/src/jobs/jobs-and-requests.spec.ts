import { startTestCloud, type TestCloud } from '@labelfleet/aws/testing';
import {
  decodeFleetEvent,
  encodeRequestMessage,
  makeInstructionId,
  resultKey,
  WORKER_TAGS,
  type FleetEvent,
} from '@labelfleet/contracts';
import { fakeClassifier } from '@labelfleet/inference/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { aRequest, PNG } from '../testing/builders.ts';
import { isEmpty, openJobBench, openTestJobs, type JobBench } from '../testing/job-bench.ts';
import { realWorker, type RealWorkerOptions } from '../testing/real-worker.ts';

const WAIT = { timeout: 20_000, interval: 5 };
/** The bytes of the images of requests; those of jobs are PNG. */
const REQUESTED = Buffer.concat([PNG, Buffer.from('request')]);

let cloud: TestCloud;
beforeEach(async () => {
  cloud = await startTestCloud();
  return () => cloud[Symbol.asyncDispose]();
});

const images = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    key: `${index}.png`,
    body: PNG,
    size: PNG.length,
  }));

async function submit(): Promise<string> {
  const queue = cloud.sqs.queue(await cloud.createQueue('requests'));
  const request = aRequest({
    ...{ submittedAt: new Date().toISOString(), image: REQUESTED.toString('base64') },
  });
  await queue.send({ body: encodeRequestMessage(request) });
  return request.requestId;
}

const isCompleted = async (requestId: string) =>
  (await cloud.s3.store('output').head(resultKey(requestId))) !== null;

/** A classifier with one process, whose images wait until the test lets them go. */
function gatedClassifier() {
  const answers = fakeClassifier();
  const order: string[] = [];
  const waiting: (() => void)[] = [];
  const classifier = fakeClassifier({
    slots: 1,
    answer: async (image) => {
      order.push(Buffer.from(image).equals(REQUESTED) ? 'request' : 'job');
      await new Promise<void>((resolve) => waiting.push(resolve));
      return answers.classify(image, { topK: 1 });
    },
  });
  return { classifier, order, letOneGo: () => waiting.shift()?.() };
}

const withJobs =
  (bench: JobBench): NonNullable<RealWorkerOptions['jobs']> =>
  (shared) =>
    openTestJobs(bench, { ...shared, processes: 1 });

describe.each([
  { name: 'a chunk', resent: undefined },
  { name: 'a redelivered chunk', resent: true as const },
])('a request that arrives while the images of $name are classified', ({ resent }) => {
  test('is classified after one image of it at most', async () => {
    const bench = await openJobBench(images(20), { cloud });
    await bench.send(0, resent && { resent });
    const { classifier, order, letOneGo } = gatedClassifier();
    const { worker, activity } = await realWorker(cloud, { classifier, jobs: withJobs(bench) });
    for (let turn = 0; turn < 3; turn++) {
      // An image of the job is in the process, and others wait, when the request is submitted.
      await expect.poll(() => order.at(-1), WAIT).toBe('job');
      const begun = order.length;
      const requestId = await submit();
      // Beside seven images of the job, or received and not allowed into the process before the image is done.
      if (resent === undefined) await expect.poll(() => classifier.waiting, WAIT).toBe(8);
      else await expect.poll(() => activity.openRequests, WAIT).toBe(1);
      letOneGo();
      await expect.poll(() => order.length, WAIT).toBe(begun + 1);
      expect(order.at(-1)).toBe('request');
      letOneGo();
      await expect.poll(() => isCompleted(requestId), WAIT).toBe(true);
    }
    await expect.poll(() => (letOneGo(), isEmpty(bench)), WAIT).toBe(true);
    await worker.stop('SIGTERM');
    expect(await bench.lines()).toHaveLength(20);
  });
});

test('a steady trickle of requests does not keep a job from being done, nor the job a request', async () => {
  const bench = await openJobBench(images(300), { cloud, chunkImages: 50 });
  await bench.sendAll();
  const answers = fakeClassifier();
  const classifier = fakeClassifier({
    slots: 1,
    answer: async (image) => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      return answers.classify(image, { topK: 1 });
    },
  });
  const { worker } = await realWorker(cloud, { classifier, jobs: withJobs(bench) });
  const submitted: string[] = [];
  while (!(await isEmpty(bench))) {
    submitted.push(await submit());
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  for (const requestId of submitted)
    await expect.poll(() => isCompleted(requestId), WAIT).toBe(true);
  await worker.stop('SIGTERM');
  expect(submitted.length).toBeGreaterThan(5);
  expect((await bench.store.summary(bench.job.id))?.counts).toMatchObject({ succeeded: 300 });
});

test('a worker with a chunk reports it, is drained when it has released it, and goes on after a resume', async () => {
  const bench = await openJobBench(images(10), { cloud });
  await bench.send();
  const { classifier, order, letOneGo } = gatedClassifier();
  const { worker, urls, metadata } = await realWorker(cloud, { classifier, jobs: withJobs(bench) });
  const events: FleetEvent[] = [];
  const receiveEvents = async () => {
    const queue = cloud.sqs.queue(urls.events);
    const options = { maxMessages: 10, waitSeconds: 0, visibilityTimeoutSeconds: 30 };
    for (const { body, receipt } of await queue.receive(options)) {
      const event = decodeFleetEvent(body);
      if (event.kind === 'decoded') events.push(event.value);
      await queue.ack(receipt);
    }
    return events;
  };
  await expect.poll(() => order, WAIT).toEqual(['job']);
  letOneGo();
  await expect.poll(() => order, WAIT).toHaveLength(2);
  await expect
    .poll(async () => (await receiveEvents()).at(-1), WAIT)
    .toMatchObject({
      ...{ type: 'heartbeat', busySlots: 0, imagesCompleted: 0, fullSeconds: 0 },
      jobs: { openChunks: 1, images: 1, processes: 1 },
    });

  const drain = makeInstructionId(undefined, 1, 'a');
  metadata.setTags({ [WORKER_TAGS.drain]: drain });
  await expect.poll(async () => (await receiveEvents()).at(-1)?.type, WAIT).toBe('draining');
  expect(await bench.batchQueue.depth()).toMatchObject({ inFlight: 1 });
  letOneGo();
  await expect
    .poll(async () => (await receiveEvents()).at(-1), WAIT)
    .toMatchObject({ type: 'drained', jobs: { openChunks: 0 } });
  expect(order).toHaveLength(2);
  expect(await bench.batchQueue.depth()).toEqual({ visible: 1, inFlight: 0, delayed: 0 });

  const resume = makeInstructionId(drain, 1, 'b');
  metadata.setTags({ [WORKER_TAGS.drain]: drain, [WORKER_TAGS.resume]: resume });
  await expect.poll(() => (letOneGo(), isEmpty(bench)), WAIT).toBe(true);
  await worker.stop('SIGTERM');
  expect(await bench.lines()).toHaveLength(10);
});
