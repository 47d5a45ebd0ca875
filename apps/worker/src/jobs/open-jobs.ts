import { isTransient } from '@labelfleet/aws/errors';
import type { Queue, ReceivedMessage, VisibilityExtension } from '@labelfleet/aws/queue';
import type { ObjectStore } from '@labelfleet/aws/store';
import { MAX_CHUNK_IMAGES } from '@labelfleet/contracts';
import type { Classifier } from '@labelfleet/inference';
import { JobStore } from '@labelfleet/jobs';
import type { Clock, Logger } from '@labelfleet/runtime';
import { randomUUID } from 'node:crypto';
import type { ClassifyDeps } from '../attempt/classify-within.ts';
import type { Metrics } from '../metrics.ts';
import type { Activity } from '../receive/activity.ts';
import type { Load } from '../receive/load.ts';
import type { Slots } from '../receive/slots.ts';
import type { WorkOnJobs } from '../receive/work-loop.ts';
import type { CostMeter } from '../request/cost-meter.ts';
import { createBatchLoop } from './batch-loop.ts';
import type { PriceWork } from './chunk/chunk-cost.ts';
import { createChunkHandler } from './chunk/handle-chunk.ts';
import { JobReader } from './chunk/job-reader.ts';
import { Semaphore } from './chunk/semaphore.ts';
import { createCompletion } from './complete/complete-page.ts';
import { createBatchMessageHandler } from './handle-batch-message.ts';
import type { JobActivity } from './job-activity.ts';
import { createPlanHandler } from './plan/handle-plan.ts';

/** So that S3, which takes 20 to 50 ms for an image, delivers faster than a process classifies in 5 to 10 ms. */
const IMAGES_AT_ONCE_PER_PROCESS = 8;
/** The bytes of images that are held for jobs, unless one image may be larger. */
const MEMORY_BYTES = 256 * 1024 * 1024;
const CHUNK_MS = 20_000;

export interface JobsDeps extends Omit<ClassifyDeps, 'load' | 'clock'> {
  /** Instance id. */
  worker: string;
  batchQueue: Pick<Queue, 'receive' | 'send' | 'ack' | 'retryIn'>;
  webhooks: Pick<Queue, 'send'> | undefined;
  state: ObjectStore;
  openBucket: (bucket: string) => ObjectStore;
  classifier: Pick<Classifier, 'reserve' | 'model' | 'description'>;
  /** The number of classifier processes. */
  processes: number;
  maxImageBytes: number;
  memoryBytes?: number;
  visibilityTimeoutSeconds: number;
  extendVisibility: (message: ReceivedMessage) => VisibilityExtension;
  /** Of the requests. */
  activity: Pick<Activity, 'quietMs'>;
  jobActivity: JobActivity;
  slots: Slots;
  load: Load;
  meter: CostMeter;
  priceWork: PriceWork;
  metrics: Pick<Metrics, 'jobChunks' | 'jobImages'>;
  clock: Clock;
  random: () => number;
  log: Logger;
}

/** Connects all that works on jobs. */
export function openJobs(deps: JobsDeps): WorkOnJobs {
  const { worker, state, load, maxAttemptMs, clock, maxImageBytes } = deps;
  const jobs = new JobStore(state);
  const shared = { ...deps, jobs, isTransient };
  const handleChunk = createChunkHandler({
    ...shared,
    activity: deps.jobActivity,
    reader: new JobReader(jobs),
    completion: createCompletion(shared),
    record: { bucket: state, worker, maxAttemptMs, clock },
    newNonce: randomUUID,
    memory: new Semaphore(Math.max(deps.memoryBytes ?? MEMORY_BYTES, maxImageBytes)),
    turn: new Semaphore(1),
    imagesAtOnce: IMAGES_AT_ONCE_PER_PROCESS * deps.processes,
  });
  const handlePlan = createPlanHandler({
    ...shared,
    chunkImages: () => imagesOfChunkTime(load.imagesPerMs()),
  });
  const handle = createBatchMessageHandler({
    ...deps,
    activity: deps.jobActivity,
    handleChunk,
    handlePlan,
  });
  return createBatchLoop({ ...deps, handle });
}

/** How many images take about 20 s; the most until the worker has classified one. */
const imagesOfChunkTime = (perMs: number): number =>
  perMs === 0
    ? MAX_CHUNK_IMAGES
    : Math.min(MAX_CHUNK_IMAGES, Math.max(1, Math.floor(perMs * CHUNK_MS)));
