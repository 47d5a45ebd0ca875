import { AwsCallError, isTransient } from '@labelfleet/aws/errors';
import type { OutgoingMessage } from '@labelfleet/aws/queue';
import type { ObjectStore } from '@labelfleet/aws/store';
import { fakeS3, fakeSqs, startTestCloud, type TestCloud } from '@labelfleet/aws/testing';
import {
  decodeJobMessage,
  decodeWebhookMessage,
  imagesOfChunk,
  makeRequestId,
  NO_COUNTS,
  type ChunkMessage,
  type Decoded,
  type JobSource,
  type StoredJob,
  type WebhookMessage,
} from '@labelfleet/contracts';
import { JobStore, PartStore } from '@labelfleet/jobs';
import { systemClock } from '@labelfleet/runtime';
import { createCompletion, type Completion } from '../complete/complete-page.ts';
import { createPlanHandler, type HandlePlan, type PlanDeps } from '../plan/handle-plan.ts';
import { silentLog } from '../../testing/builders.ts';

type Cloud = Pick<TestCloud, 's3' | 'sqs' | 'createBucket' | 'createQueue'> & AsyncDisposable;

/** The buckets and queues of jobs. */
export interface PlanBench extends AsyncDisposable {
  cloud: Cloud;
  /** Adds a job to the state bucket. */
  newJob(source: JobSource, fields?: Partial<StoredJob>): Promise<StoredJob>;
  /** Stores a manifest. */
  manifest(key: string, text: string): Promise<JobSource>;
  /** A worker. @param beforeCall runs before each of its calls, may wait and may throw */
  worker(options?: WorkerOptions): JobWorker;
  /** Calls that no fault disturbs. */
  jobs: JobStore;
  parts(job: StoredJob): PartStore;
}

export interface WorkerOptions extends Partial<
  Pick<PlanDeps, 'chunkImages' | 'clock' | 'random' | 'webhooks' | 'log'>
> {
  /** Around each call to S3 and SQS: it may wait, throw, or throw after the call took effect. */
  around?: CallAround;
}

export type CallAround = <T>(call: () => Promise<T>, name: string) => Promise<T>;

export interface JobWorker {
  handlePlan: HandlePlan;
  completion: Completion;
  /** Stores the part of a chunk, or a skipped one if the job was stopped, and completes what it can. */
  handleChunk(message: ChunkMessage): Promise<void>;
  /** Messages that SQS has acknowledged, or may have. */
  sent: ChunkMessage[];
  webhooks: WebhookMessage[];
}

/** No answer came: whether the call took effect is not known. */
export const noAnswer = (operation: string) =>
  new AwsCallError(operation, { code: 'ECONNRESET', message: 'no answer' });

/** What one image costs in these tests. */
export const NANO_USD_OF_IMAGE = 1_000_000;

const STORE_CALLS = ['put', 'get', 'head', 'list', 'listObjects', 'getRange', 'delete'] as const;

/** S3 and SQS in memory, for tests with very many calls. */
export function cloudInMemory(): Cloud {
  const s3 = fakeS3();
  const sqs = fakeSqs();
  return {
    s3,
    sqs,
    createBucket: async (name) => s3.createBucket(name),
    createQueue: async (name) => sqs.createQueue(name),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** @param open a local cloud, unless it is said otherwise */
export async function openPlanBench(
  open: () => Cloud | Promise<Cloud> = startTestCloud,
): Promise<PlanBench> {
  const cloud = await open();
  for (const bucket of ['state', 'out', 'images']) await cloud.createBucket(bucket);
  const batchQueue = cloud.sqs.queue(await cloud.createQueue('batch'));
  const outbox = cloud.sqs.queue(await cloud.createQueue('outbox'));
  const jobs = new JobStore(cloud.s3.store('state'));
  let made = 0;

  return {
    cloud,
    jobs,
    parts: (job) => new PartStore(job, (bucket) => cloud.s3.store(bucket)),
    worker,
    newJob(source, fields = {}) {
      const atMs = Date.parse('2026-11-26T07:00:00Z') + made++;
      return jobs.create({
        v: 1,
        id: makeRequestId(atMs, new Uint8Array(10)),
        createdAt: new Date(atMs).toISOString(),
        source,
        topK: 1,
        destination: { bucket: 'out', prefix: 'jobs/' },
        readable: [{ bucket: 'images', prefix: '' }],
        ...fields,
      });
    },
    async manifest(key, text) {
      const outcome = await cloud.s3.store('images').put(key, text, { contentType: 'text/plain' });
      if (outcome.kind !== 'stored') throw new Error('The manifest was not stored.');
      const { etag } = outcome;
      return { kind: 'manifest', bucket: 'images', key, etag, bytes: Buffer.byteLength(text) };
    },
    [Symbol.asyncDispose]: () => cloud[Symbol.asyncDispose](),
  };

  function worker({ around = (call) => call(), ...deps }: WorkerOptions = {}) {
    const openBucket = (bucket: string) => wrapStore(cloud.s3.store(bucket), around);
    const ownJobs = new JobStore(openBucket('state'));
    const sent: ChunkMessage[] = [];
    const webhooks: WebhookMessage[] = [];
    const all: PlanDeps = {
      jobs: ownJobs,
      openBucket,
      batchQueue: {
        send: (message: OutgoingMessage) =>
          around(async () => {
            const sending = valueOf(decodeJobMessage(message.body));
            if (sending.type === 'chunk') sent.push(sending);
            return batchQueue.send(message);
          }, 'send-chunk'),
      },
      webhooks: {
        send: (message: OutgoingMessage) =>
          around(async () => {
            webhooks.push(valueOf(decodeWebhookMessage(message.body)));
            return outbox.send(message);
          }, 'send-webhook'),
      },
      isTransient,
      random: () => 0,
      clock: systemClock,
      log: silentLog,
      chunkImages: () => 100,
      ...deps,
    };
    const completion = createCompletion(all);
    return {
      handlePlan: createPlanHandler(all),
      completion,
      sent,
      webhooks,
      handleChunk: (message: ChunkMessage) => handleChunk(message, jobs, openBucket, completion),
    };
  }
}

/** Does what a worker does with a chunk (J3, J7), with images that cost a thousandth of a dollar. */
async function handleChunk(
  { job: id, page: number, chunk }: ChunkMessage,
  /** Its reads are not what these tests are about. */
  jobs: JobStore,
  openBucket: PlanDeps['openBucket'],
  completion: Completion,
): Promise<void> {
  const job = await jobs.job(id);
  const page = await jobs.page(id, number);
  if (job === undefined || page === undefined) throw new Error('The message names no chunk.');
  const parts = new PartStore(job, openBucket);
  const images = imagesOfChunk(page, chunk).length;
  const skips = (await jobs.stopOf(id)) !== undefined;
  const counts = skips
    ? { ...NO_COUNTS, skipped: images }
    : { ...NO_COUNTS, succeeded: images, nanoUsd: images * NANO_USD_OF_IMAGE };
  await parts.store(number, chunk, [], { v: 1, ...counts, worker: 'i-1' });
  await completion.pageTouched(job, page);
}

function wrapStore(store: ObjectStore, around: CallAround): ObjectStore {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      const method = value as (...args: unknown[]) => Promise<unknown>;
      return STORE_CALLS.includes(name as never)
        ? (...args: unknown[]) =>
            around(() => method.apply(target, args), `${String(name)} ${String(args[0])}`)
        : method.bind(target);
    },
  });
}

function valueOf<T>(decoded: Decoded<T>): T {
  if (decoded.kind === 'malformed') throw new Error(decoded.reason);
  return decoded.value;
}
