import { isTransient } from '@labelfleet/aws/errors';
import { VisibilityExtender } from '@labelfleet/aws/queue';
import { fakeInstanceMetadata, type TestCloud } from '@labelfleet/aws/testing';
import { decodeFleetEvent } from '@labelfleet/contracts';
import type { Classifier } from '@labelfleet/inference';
import { systemClock } from '@labelfleet/runtime';
import { createMetrics } from '../metrics.ts';
import { randomUUID } from 'node:crypto';
import { Health } from '../fleet/health.ts';
import { Activity } from '../receive/activity.ts';
import { Load } from '../receive/load.ts';
import { Slots } from '../receive/slots.ts';
import { DELETE_LINGER_MS } from '../request/complete.ts';
import { CostMeter } from '../request/cost-meter.ts';
import { createRequestHandler } from '../request/handle-request.ts';
import { createResultStore } from '../request/result-store.ts';
import { startWorker } from '../worker.ts';
import { silentLog } from './builders.ts';
import type { openTestJobs } from './job-bench.ts';

export interface RealWorkerOptions {
  classifier: Classifier;
  instanceId?: string;
  tags?: Record<string, string>;
  /** How long it has measured an image to take; without it nothing is received ahead. */
  imageMs?: number;
  visibilityTimeoutMs?: number;
  drainTimeoutMs?: number;
  /** Opens its work on jobs. */
  jobs?: (shared: {
    slots: Slots;
    activity: Activity;
    load: Load;
    classifier: Classifier;
  }) => Pick<ReturnType<typeof openTestJobs>, 'workOnJobs' | 'jobActivity' | 'extender'>;
}

/**
 * Starts a worker with two slots in this process, on the queues `requests`, `replies` and `events` of a local cloud.
 * Its trace has the calls whose order matters, once each has taken effect.
 */
export async function realWorker(cloud: TestCloud, options: RealWorkerOptions) {
  const { classifier, instanceId = 'i-1', tags = {}, drainTimeoutMs = 10_000 } = options;
  const { visibilityTimeoutMs = 30_000 } = options;
  const trace: string[] = [];
  const traced =
    <A extends unknown[], R>(
      name: string | ((...args: A) => string),
      call: (...args: A) => Promise<R>,
    ) =>
    async (...args: A): Promise<R> => {
      const result = await call(...args);
      trace.push(typeof name === 'string' ? name : name(...args));
      return result;
    };
  const urls = {
    requests: await cloud.createQueue('requests'),
    replies: await cloud.createQueue('replies'),
    events: await cloud.createQueue('events'),
  };
  for (const bucket of ['input', 'output', 'state']) await cloud.createBucket(bucket);
  const queue = cloud.sqs.queue(urls.requests, { ackLingerMs: () => DELETE_LINGER_MS });
  const events = cloud.sqs.queue(urls.events);
  const results = createResultStore(cloud.s3.store('output'));
  const visibilityExtender = new VisibilityExtender(queue, {
    visibilityTimeoutMs,
    intervalMs: visibilityTimeoutMs / 3,
    onError: () => trace.push('extend-failed'),
  });
  const load = new Load(1, systemClock);
  if (options.imageMs !== undefined) load.classified(options.imageMs);
  const slots = new Slots(2, () => load.imagesPerMs());
  const activity = new Activity(systemClock, slots.count);
  const shared = { slots, activity, clock: systemClock, random: Math.random, log: silentLog };
  const handle = createRequestHandler({
    ...shared,
    worker: instanceId,
    state: cloud.s3.store('state'),
    newNonce: randomUUID,
    queue: {
      ack: traced('delete', (receipt) => queue.ack(receipt)),
      retryIn: traced('retry-in', (...args) => queue.retryIn(...args)),
    },
    replies: { send: traced('reply', (...args) => cloud.sqs.sender.send(...args)) },
    webhooks: undefined,
    images: cloud.s3.store('input'),
    results: { ...results, storeOnce: traced('store', (result) => results.storeOnce(result)) },
    classifier,
    health: new Health(),
    load,
    metrics: createMetrics({ slots: 2, openRequests: () => 0, classifierQueue: () => 0 }),
    tracing: undefined,
    receives: { linksOf: () => [] },
    requestQueue: queue,
    meter: new CostMeter(systemClock, () => null),
    maxAttemptMs: 60_000,
    extendVisibility: (message) => visibilityExtender.start(message),
    isTransient,
  });
  const jobs = options.jobs?.({ slots, activity, load, classifier });
  const metadata = fakeInstanceMetadata({ instanceId, tags });
  const worker = startWorker({
    ...shared,
    instanceId,
    model: 'everyday-100/1',
    modelSha256: 'c2bd',
    queue,
    events: {
      send: traced(
        ({ body }) => eventType(body),
        (message) => events.send(message),
      ),
    },
    unhealthy: new Promise(() => {}),
    metadata,
    state: cloud.s3.store('state'),
    handle,
    ...(jobs && { workOnJobs: jobs.workOnJobs, jobActivity: jobs.jobActivity }),
    pollSeconds: 1,
    visibilityTimeoutSeconds: visibilityTimeoutMs / 1000,
    drainTimeoutMs,
    idleShutdownMs: 900_000,
    close: async () => {
      await visibilityExtender[Symbol.asyncDispose]();
      await jobs?.extender[Symbol.asyncDispose]();
    },
  });
  return { worker, urls, trace, metadata, activity };
}

function eventType(body: string): string {
  const event = decodeFleetEvent(body);
  return event.kind === 'malformed' ? event.reason : event.value.type;
}
