import { VisibilityExtender, type Queue, type SqsConnection } from '@labelfleet/aws/queue';
import type { ObjectStore, S3Connection } from '@labelfleet/aws/store';
import { fakeS3, fakeSqs, type TestCloud } from '@labelfleet/aws/testing';
import {
  chunkAttemptsCodec,
  chunkAttemptsKey,
  chunksOf,
  decodeJobLine,
  encodeJobMessage,
  makeRequestId,
  type ChunkAttempt,
  type JobLine,
  type JobPage,
  type PageImage,
  type StoredJob,
} from '@labelfleet/contracts';
import type { Classifier } from '@labelfleet/inference';
import { JobStore, PartStore } from '@labelfleet/jobs';
import { systemClock, type Clock, type Logger } from '@labelfleet/runtime';
import { expect } from 'vitest';
import { Health } from '../fleet/health.ts';
import { JobActivity } from '../jobs/job-activity.ts';
import { openJobs } from '../jobs/open-jobs.ts';
import { createMetrics } from '../metrics.ts';
import type { Activity } from '../receive/activity.ts';
import { Load } from '../receive/load.ts';
import { Slots } from '../receive/slots.ts';
import { CostMeter } from '../request/cost-meter.ts';
import { silentLog } from './builders.ts';

let jobs = 0;

/** An image of a job: its bytes, or null for an object that does not exist. `size`: as its page says; default: unknown. */
export interface JobImage {
  key: string;
  body: Uint8Array | null;
  size?: number;
}

/** Queue and buckets with one job that was planned, in memory or on a local cloud. */
export async function openJobBench(
  images: readonly (JobImage | Exclude<PageImage, { key: string }>)[],
  {
    cloud,
    chunkImages = 100,
    ...options
  }: { cloud?: TestCloud; chunkImages?: number } & Partial<StoredJob> = {},
) {
  const { s3, sqs, queueUrl } = await connect(cloud);
  const batchQueue = sqs.queue(queueUrl);
  const atMs = Date.now();
  const job: StoredJob = {
    v: 1,
    id: makeRequestId(atMs, Buffer.alloc(10, ++jobs)),
    createdAt: new Date(atMs).toISOString(),
    source: { kind: 'prefix', bucket: 'photos', prefix: '' },
    topK: 1,
    destination: { bucket: 'results', prefix: 'jobs/' },
    readable: [{ bucket: 'photos', prefix: '' }],
    ...options,
  };
  const photos = s3.store('photos');
  for (const image of images)
    if ('key' in image && image.body !== null)
      await photos.put(image.key, image.body, { contentType: 'image/jpeg' });
  const page: JobPage = {
    v: 1,
    page: 0,
    images: images.map((image) =>
      'key' in image
        ? { key: image.key, ...(image.size !== undefined && { bytes: image.size }) }
        : image,
    ),
    chunkImages,
    next: null,
    listed: { images: images.length, bytes: 0 },
  };
  const state = s3.store('state');
  const store = new JobStore(state);
  await store.create(job);
  await store.storePage(job.id, page);
  await store.storePlan(job.id, {
    ...{ v: 1, pages: 1, images: images.length, bytes: 0, cut: false },
    at: job.createdAt,
  });
  const parts = new PartStore(job, (bucket) => s3.store(bucket));

  return {
    ...{ s3, sqs, batchQueue, queueUrl, job, page, store, parts, state },
    /** Sends the message of a chunk. */
    send: (chunk = 0, more: { resent?: true; page?: number } = {}) =>
      batchQueue.send({
        body: encodeJobMessage({ v: 1, type: 'chunk', job: job.id, page: 0, chunk, ...more }),
      }),
    async sendAll(): Promise<void> {
      for (let chunk = 0; chunk < chunksOf(page); chunk++) await this.send(chunk);
    },
    /** The lines of a chunk's part; undefined if there is none. */
    async lines(chunk = 0): Promise<JobLine[] | undefined> {
      const body = await parts.lines(0, chunk);
      if (body === null) return undefined;
      const texts = new TextDecoder().decode(body).split('\n').slice(0, -1);
      return texts.map((text) => {
        const line = decodeJobLine(text);
        if (line.kind === 'malformed') throw new Error(line.reason);
        return line.value;
      });
    },
    /** The attempt record of a chunk. */
    async attempts(chunk = 0): Promise<ChunkAttempt[]> {
      const object = await state.get(chunkAttemptsKey(job.id, 0, chunk));
      if (object === null) return [];
      const decoded = chunkAttemptsCodec.decode(new TextDecoder().decode(object.body));
      if (decoded.kind === 'malformed') throw new Error(decoded.reason);
      return decoded.value.attempts;
    },
    async putAttempts(attempts: ChunkAttempt[], chunk = 0): Promise<void> {
      const body = chunkAttemptsCodec.encode({ v: 1, attempts });
      const key = chunkAttemptsKey(job.id, 0, chunk);
      await state.put(key, body, { contentType: 'application/json' });
    },
  };
}

export type JobBench = Awaited<ReturnType<typeof openJobBench>>;

async function connect(
  cloud: TestCloud | undefined,
): Promise<{ s3: S3Connection; sqs: SqsConnection; queueUrl: string }> {
  const buckets = ['photos', 'results', 'state'];
  if (cloud !== undefined) {
    for (const bucket of buckets) await cloud.createBucket(bucket);
    return { s3: cloud.s3, sqs: cloud.sqs, queueUrl: await cloud.createQueue('batch') };
  }
  const s3 = fakeS3();
  const sqs = fakeSqs();
  for (const bucket of buckets) s3.createBucket(bucket);
  return { s3, sqs, queueUrl: sqs.createQueue('batch') };
}

export interface JobWorkerOptions {
  classifier: Classifier;
  instanceId?: string;
  processes?: number;
  visibilityTimeoutSeconds?: number;
  maxImageBytes?: number;
  memoryBytes?: number;
  clock?: Clock;
  random?: () => number;
  log?: Logger;
  slots?: Slots;
  activity?: Pick<Activity, 'quietMs'>;
  health?: Health;
  /** Default: the request queue is always polled. */
  polled?: () => Promise<void>;
  load?: Load;
  /** Wraps the calls of the worker. */
  wrapStore?: (store: ObjectStore) => ObjectStore;
  wrapQueue?: (queue: Queue) => Queue;
}

/** What works on the jobs of a bench, for a worker that runs it. */
export function openTestJobs(bench: JobBench, options: JobWorkerOptions) {
  const { classifier, instanceId = 'i-1', processes = 2, clock = systemClock } = options;
  const { visibilityTimeoutSeconds = 30, log = silentLog, random = Math.random } = options;
  const { wrapStore = (store) => store, wrapQueue = (queue) => queue } = options;
  const openBucket = (bucket: string) => wrapStore(bench.s3.store(bucket));
  const batchQueue = wrapQueue(bench.batchQueue);
  const visibilityTimeoutMs = visibilityTimeoutSeconds * 1000;
  const extender = new VisibilityExtender(batchQueue, {
    visibilityTimeoutMs,
    intervalMs: visibilityTimeoutMs / 3,
    onError: () => undefined,
  });
  const jobActivity = new JobActivity(clock, processes);
  const metrics = createMetrics({ slots: 3, openRequests: () => 0, classifierQueue: () => 0 });
  const workOnJobs = openJobs({
    ...{ classifier, processes, batchQueue, openBucket, visibilityTimeoutSeconds, metrics },
    ...{ jobActivity, clock, random, log },
    worker: instanceId,
    state: openBucket('state'),
    webhooks: undefined,
    health: options.health ?? new Health(),
    maxAttemptMs: 60_000,
    maxImageBytes: options.maxImageBytes ?? 32 * 1024 * 1024,
    ...(options.memoryBytes !== undefined && { memoryBytes: options.memoryBytes }),
    extendVisibility: (message) => extender.start(message),
    activity: options.activity ?? { quietMs: () => 60_000 },
    slots: options.slots ?? new Slots(3),
    load: options.load ?? new Load(processes, clock),
    meter: new CostMeter(clock, () => null),
    priceWork: (seconds) => seconds,
  });
  return { workOnJobs, jobActivity, metrics, extender };
}

/** Works on jobs, without requests unless the options say so, until it is drained. */
export function startJobWorker(bench: JobBench, options: JobWorkerOptions) {
  const { workOnJobs, jobActivity, metrics, extender } = openTestJobs(bench, options);
  const notWorking = new AbortController();
  const deadline = new AbortController();
  const ended = workOnJobs({
    signal: notWorking.signal,
    deadline: deadline.signal,
    polled: options.polled ?? (() => Promise.resolve()),
    onSlotFreed: () => undefined,
  });
  /** Releases what is in hand; resolves when it is. */
  const drain = async () => {
    notWorking.abort(new Error('The worker drains.'));
    await ended;
    await extender[Symbol.asyncDispose]();
  };
  /** For a worker whose calls do not return any more: ends its polls and its visibility extension. */
  const forget = async () => {
    notWorking.abort(new Error('The worker is gone.'));
    await extender[Symbol.asyncDispose]();
  };
  return {
    ...{ jobActivity, metrics, drain, forget, deadline },
    [Symbol.asyncDispose]: drain,
  };
}

/** Works until the batch queue has no message. Resolves with the worker, which is drained. */
export async function workUntilEmpty(bench: JobBench, options: JobWorkerOptions) {
  await using worker = startJobWorker(bench, options);
  await expect.poll(() => isEmpty(bench), { timeout: 30_000, interval: 2 }).toBe(true);
  return worker;
}

/** Whether the batch queue has no message, visible or not. */
export async function isEmpty({ batchQueue }: JobBench): Promise<boolean> {
  const { visible, inFlight, delayed } = await batchQueue.depth();
  return visible + inFlight + delayed === 0;
}
