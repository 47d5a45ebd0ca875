import { isTransient } from '@labelfleet/aws/errors';
import { connectInstanceMetadata, type InstanceMetadata } from '@labelfleet/aws/metadata';
import { connectSqs, VisibilityExtender, type Queue } from '@labelfleet/aws/queue';
import { connectS3 } from '@labelfleet/aws/store';
import {
  embeddedModelDir,
  ModelError,
  openClassifier,
  type Classifier,
} from '@labelfleet/inference';
import { EXIT, StartError, systemClock, type Logger, type Service } from '@labelfleet/runtime';
import { imageCost } from '@labelfleet/scaling/cost';
import {
  addProcessMetrics,
  observeCalls,
  openMetricsPort,
  openTracing,
  TracedReceives,
} from '@labelfleet/telemetry';
import { randomUUID } from 'node:crypto';
import type { WorkerConfig } from './config.ts';
import { createMetrics } from './metrics.ts';
import { DELETE_LINGER_MS } from './request/complete.ts';
import { CostMeter, type PriceImage } from './request/cost-meter.ts';
import { createRequestHandler } from './request/handle-request.ts';
import { Health } from './fleet/health.ts';
import { publishModel } from './fleet/publish-model.ts';
import { createResultStore } from './request/result-store.ts';
import { priceWork } from './jobs/chunk/chunk-cost.ts';
import { JobActivity } from './jobs/job-activity.ts';
import { openJobs } from './jobs/open-jobs.ts';
import { Activity } from './receive/activity.ts';
import { Load } from './receive/load.ts';
import { Slots } from './receive/slots.ts';
import { startWorker } from './worker.ts';

/** Connects the worker to AWS, opens its model and starts it. */
export async function compose(config: WorkerConfig, appLog: Logger): Promise<Service> {
  const metadata = connectInstanceMetadata();
  const [instanceId, machine] = await readIdentity(metadata);
  const log = appLog.child({ instanceId });
  const classifier = await openModel(config, log, () => {
    metrics.processesReplaced.inc();
  });
  const health = new Health();

  const load = new Load(config.inferenceThreads, systemClock);
  const slots = new Slots(config.slots, () => load.imagesPerMs());
  const activity = new Activity(systemClock, slots.count);
  const metrics = createMetrics({
    slots: config.slots,
    openRequests: () => activity.openRequests,
    classifierQueue: () => classifier.waiting,
  });
  const observer = observeCalls(addProcessMetrics(metrics.registry), config.prices);
  const connection = { region: config.region, observer };
  const sqs = connectSqs(connection, () => load.lingerMs());
  const s3 = connectS3(connection);
  const { webhookQueueUrl } = config;
  const lingering = { sendLingerMs: () => load.lingerMs() };
  const queue = sqs.queue(config.requestQueueUrl, { ackLingerMs: () => DELETE_LINGER_MS });
  const visibilityTimeoutMs = config.visibilityTimeoutSeconds * 1000;
  const extenderOf = (queue: Pick<Queue, 'extend'>) =>
    new VisibilityExtender(queue, {
      visibilityTimeoutMs,
      intervalMs: visibilityTimeoutMs / 3,
      onError: (error) =>
        log.warn(
          { event: 'visibility.extend-failed', error },
          'visibility of a message not extended',
        ),
    });
  const visibilityExtender = extenderOf(queue);
  const tracing = await openTracing(
    config.traces && {
      ...config.traces,
      app: 'worker',
      instance: instanceId,
      onExportFailed: (error) =>
        log.warn({ event: 'traces.export-failed', error }, 'traces not exported'),
    },
  );
  const receives = new TracedReceives(queue, tracing, queue);
  const fifo = config.requestQueueUrl.endsWith('.fifo');
  const price: PriceImage = (seconds) => imageCost(config.prices, { ...machine, seconds, fifo });
  if (price(0) === null)
    log.warn(
      { event: 'price.missing', machine },
      'price of this machine not known: results carry no cost until PRICES_USD has it',
    );
  const shared = {
    queue,
    slots,
    activity,
    load,
    health,
    metrics,
    classifier,
    meter: new CostMeter(systemClock, price),
    webhooks: webhookQueueUrl === undefined ? undefined : sqs.queue(webhookQueueUrl, lingering),
    worker: instanceId,
    state: s3.store(config.stateBucket),
    maxAttemptMs: config.maxAttemptMs,
    clock: systemClock,
    random: Math.random,
    log,
  };
  const handle = createRequestHandler({
    ...shared,
    newNonce: randomUUID,
    replies: sqs.sender,
    images: s3.store(config.inputBucket),
    results: createResultStore(s3.store(config.outputBucket)),
    tracing,
    receives,
    requestQueue: queue,
    extendVisibility: (message) => visibilityExtender.start(message),
    isTransient,
  });
  const { batchQueueUrl } = config;
  const batchQueue = batchQueueUrl === undefined ? undefined : sqs.queue(batchQueueUrl);
  const batchExtender = batchQueue && extenderOf(batchQueue);
  const jobActivity = new JobActivity(systemClock, config.inferenceThreads);
  const workOnJobs =
    batchQueue &&
    batchExtender &&
    openJobs({
      ...config,
      ...shared,
      batchQueue,
      openBucket: (bucket) => s3.store(bucket),
      processes: config.inferenceThreads,
      extendVisibility: (message) => batchExtender.start(message),
      jobActivity,
      priceWork: priceWork(config.prices, machine),
    });
  // Several workers can run on one machine, and one whose port is taken must still work.
  const metricsAddress = { ...config.metrics, whenTaken: 'use-any' } as const;
  const metricsPort = await openMetricsPort(metrics.registry, metricsAddress, log);
  log.info({ event: 'app.started', model: classifier.model, slots: config.slots }, 'started');
  void publishModel(shared.state, classifier.description, log);
  return startWorker({
    ...config,
    ...shared,
    queue: {
      receive: (options) => receives.receive(options),
      retryIn: (receipt, seconds) => queue.retryIn(receipt, seconds),
    },
    instanceId,
    model: `${classifier.model.name}/${classifier.model.version}`,
    modelSha256: classifier.model.sha256,
    events: sqs.queue(config.fleetEventQueueUrl),
    metadata,
    handle,
    workOnJobs,
    jobActivity: workOnJobs && jobActivity,
    unhealthy: Promise.race([health.unhealthy, classifier.broken]),
    close: async () => {
      await visibilityExtender[Symbol.asyncDispose]();
      await batchExtender?.[Symbol.asyncDispose]();
      await classifier[Symbol.asyncDispose]();
      await tracing?.[Symbol.asyncDispose]();
      await metricsPort?.[Symbol.asyncDispose]();
      sqs.close();
      s3.close();
    },
  });
}

async function readIdentity(metadata: Pick<InstanceMetadata, 'instanceId' | 'machine'>) {
  try {
    return await Promise.all([metadata.instanceId(), metadata.machine()]);
  } catch (error) {
    throw new StartError(
      'The instance metadata service cannot be reached. Run the worker on an EC2 instance, or on an instance of the local cloud (npm start).',
      EXIT.unavailable,
      { cause: error },
    );
  }
}

async function openModel(
  config: WorkerConfig,
  log: Logger,
  onReplace: () => void,
): Promise<Classifier> {
  try {
    return await openClassifier({
      modelDir: config.modelDir ?? embeddedModelDir,
      threads: config.inferenceThreads,
      maxPixels: config.maxImagePixels,
      limits: config.imageLimits,
      onReplace: (reason) => {
        onReplace();
        log.warn({ event: 'classifier.process-replaced', reason }, 'classifier process replaced');
      },
    });
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    throw new StartError(error.message, EXIT.noInput, { cause: error });
  }
}
