import { connectSqs, Linger, type QueueAdmin } from '@labelfleet/aws/queue';
import { connectS3, type S3Connection } from '@labelfleet/aws/store';
import { EXIT, logOutput, sleep, StartError, type Logger, type Service } from '@labelfleet/runtime';
import {
  addProcessMetrics,
  observeCalls,
  openMetricsPort,
  openTracing,
} from '@labelfleet/telemetry';
import { JobStore } from '@labelfleet/jobs';
import { randomUUID } from 'node:crypto';
import { BatchStore } from './batches/batch-store.ts';
import { isLoopback } from './http/loopback.ts';
import { KeyFile } from './auth/key-file.ts';
import { basePathOf } from './http/client-view.ts';
import { createAccessLog } from './http/access-log.ts';
import { createApp } from './http/app.ts';
import { AwsHealth } from './http/aws-health.ts';
import type { Config } from './config.ts';
import { configurationFile } from './configuration-file.ts';
import { FleetView } from './routes/fleet-view.ts';
import { ModelsView } from './routes/models-view.ts';
import { IdempotencyRecords } from './accept/idempotency/idempotency-records.ts';
import { KeyedSends } from './accept/idempotency/keyed-sends.ts';
import { ImageStore } from './accept/image-store.ts';
import { createMetrics } from './metrics.ts';
import { watchOverdue } from './replies/overdue-watch.ts';
import { PendingReplies } from './replies/pending-replies.ts';
import { RefusedDemand } from './accept/refused-demand.ts';
import { reachability } from './http/reachability.ts';
import { ReplyListener } from './replies/reply-listener.ts';
import { fixedReplyQueue, createReplyQueue, type ReplyQueue } from './replies/reply-queue.ts';
import { ResultStore } from './replies/result-store.ts';
import { createOutbox } from './webhooks/outbox.ts';
import { openWebhooks } from './webhooks/open-webhooks.ts';
import { batchedRandomBytes } from './random-bytes.ts';
import { listen } from './connections/server.ts';
import { CallerLimits } from './limits/caller-limits.ts';
import { DayUsage } from './limits/day-usage.ts';
import { ResultCosts } from './limits/result-costs.ts';
import { SourceCounter } from './jobs/create/count-source.ts';
import { JobEvents } from './jobs/job-events.ts';
import { JobLooks } from './jobs/look/job-looks.ts';
import { ByteBudget } from './upload/byte-budget.ts';
import { readWebFiles } from './web/web-files.ts';

/** A call that takes longer counts as hanging, so that a caller gets an error within 5 s. */
const CALL_LIMIT_MS = 4_000;

/**
 * A load balancer closes a connection that was idle for longer than the longest wait. The gateway keeps it longer
 * than that, so that no request arrives on a connection that the gateway is closing.
 */
const OUTLIVE_WAIT_MS = 30_000;
/** An ALB closes after 60 s by default. */
const MIN_KEEP_ALIVE_MS = 65_000;
/** Nobody waits for the deletion of a reply, so it waits for others. */
const ACK_LINGER_MS = 250;

/**
 * Starts a gateway on AWS.
 * @throws StartError if the file of API keys has faults, the reply queue cannot be created or a port is taken
 */
export async function compose(
  config: Config,
  log: Logger,
): Promise<Service & { readonly url: string }> {
  // Parts stop in the reverse order of their start; if one cannot start, those before it stop now.
  await using starting = new AsyncDisposableStack();
  const monotonicMs = () => performance.now();
  const budget = new ByteBudget(config.maxInflightUploadBytes);
  const pending = new PendingReplies(monotonicMs);
  // Metrics come before the connections, which they observe; the fleet is known once there are connections.
  const metrics = createMetrics({
    fleet: { published: () => fleet.published() },
    inflightUploadBytes: () => budget.bytesInUse,
    maxUploadBytes: config.maxInflightUploadBytes,
    waiters: () => pending.size,
  });
  const observer = observeCalls(addProcessMetrics(metrics.registry), config.prices);
  const connection = { region: config.region, callLimitMs: CALL_LIMIT_MS, observer };
  const sqs = starting.adopt(connectSqs(connection), (client) => client.close());
  const s3 = starting.adopt(connectS3(connection), (client) => client.close());
  const linger = new Linger(monotonicMs);
  const requests = sqs.queue(config.requestQueueUrl, { sendLingerMs: () => linger.ms });
  const input = s3.store(config.inputBucket);
  const output = s3.store(config.outputBucket);
  const state = s3.store(config.stateBucket);
  const keys = await openKeys(config, s3, log);

  const fleet = new FleetView({ bucket: state, monotonicMs, unixMs: Date.now });
  const models = new ModelsView({ bucket: state, fleet, monotonicMs });
  const gateway = randomUUID();
  const tracing = await openTracing(
    config.traces && {
      ...config.traces,
      app: 'gateway',
      instance: gateway,
      onExportFailed: (error) =>
        log.warn({ event: 'traces.export-failed', error }, 'traces not exported'),
    },
  );
  starting.use(tracing);
  const usage = new DayUsage({ bucket: state, gateway, unixMs: Date.now, monotonicMs, log });
  const costs = new ResultCosts(usage);
  const health = starting.use(
    new AwsHealth(reachability({ input, output, state, requests }), monotonicMs, log),
  );
  const results = new ResultStore(output);
  const jobs = new JobStore(state);
  const storeOf = (bucket: string) => s3.store(bucket);
  const jobLooks = new JobLooks({ jobs, storeOf, monotonicMs });
  const replyQueue = starting.use(await openReplyQueue(config.replyQueue, sqs.admin, log));
  const listener = new ReplyListener({
    replyQueue,
    queueAt: (url) => sqs.queue(url, { ackLingerMs: () => ACK_LINGER_MS }),
    pending,
    linger,
    metrics,
    costs,
    log,
    random: Math.random,
    tracing,
  });
  const webhooks =
    config.webhooks &&
    (await openWebhooks(config.webhooks, {
      ...{ sqs, s3, state, output, results, jobLooks, metrics, log },
      prices: config.prices,
      basePath: basePathOf(config.publicUrl),
    }));
  const queueAt = (url: string | undefined) => (url === undefined ? undefined : sqs.queue(url));
  const fleetEvents = queueAt(config.fleetEventQueueUrl);
  const refusedDemand = new RefusedDemand({
    events: fleetEvents,
    gatewayId: randomUUID(),
    log,
    unixMs: Date.now,
    monotonicMs,
  });
  const stopping = new AbortController();
  const background = Promise.all([
    listener.run(stopping.signal),
    watchOverdue({ pending, results, metrics, costs, log }, stopping.signal),
    refusedDemand.run(stopping.signal),
    webhooks?.run(stopping.signal),
    usage.run(stopping.signal),
    keys?.run(stopping.signal),
  ]).then(() => undefined);
  starting.defer(() => {
    stopping.abort();
    return background;
  });

  const draining = new AbortController();
  if (config.metricsPort !== undefined) {
    const address = {
      host: config.metricsHost,
      port: config.metricsPort,
      whenTaken: 'fail',
    } as const;
    starting.use(await openMetricsPort(metrics.registry, address, log));
  }
  const app = createApp({
    log,
    unixMs: Date.now,
    randomBytes: batchedRandomBytes(),
    receivers: webhooks?.receivers,
    outbox: createOutbox(queueAt(config.webhookQueueUrl)),
    budget,
    images: new ImageStore(input),
    results,
    requests,
    pending,
    idempotency: new IdempotencyRecords(state),
    batches: new BatchStore(state),
    imageSources: config.imageSources,
    storeOf,
    ...{ jobs, jobLooks },
    batchQueue: queueAt(config.batchQueueUrl),
    jobPlaces: config.jobPlaces,
    jobEvents: new JobEvents(fleetEvents, Date.now),
    sourceCounter: new SourceCounter({ storeOf, monotonicMs }),
    prices: config.prices,
    refusedDemand,
    keyedSends: new KeyedSends(),
    gateway,
    monotonicMs,
    sleep,
    fleet,
    models,
    replyQueue,
    linger,
    metrics,
    tracing,
    limits: config,
    keys,
    onLoopback: isLoopback(config.host),
    origins: config.corsOrigins,
    proxies: { trusted: config.trustedProxies, publicUrl: config.publicUrl },
    publicUrl: config.publicUrl,
    callerLimits: new CallerLimits({ usage, unixMs: Date.now, monotonicMs }),
    withMetrics: config.metricsPort === undefined,
    health,
    listener,
    draining: draining.signal,
    logOutput,
    web: await readWebFiles(config),
  });
  const server = await listen(
    {
      fetch: (request, env) => app.fetch(request, env),
      log,
      accessLog: createAccessLog(log, metrics),
      metrics,
    },
    {
      host: config.host,
      port: config.port,
      keepAliveMs: Math.max(MIN_KEEP_ALIVE_MS, config.replyTimeoutMs + OUTLIVE_WAIT_MS),
    },
  );
  log.info({ event: 'app.listening', url: server.url }, 'listening');

  const started = starting.move();
  return {
    url: server.url,
    ended: background,
    stop: async (reason) => {
      log.info({ event: 'app.stopping', reason, waiters: pending.size }, 'stopping');
      draining.abort();
      await server.stop(config.drainTimeoutMs, () => pending.stop());
      await started.disposeAsync();
      log.info({ event: 'app.stopped' }, 'stopped');
    },
  };
}

async function openKeys(
  { apiKeysFile, allowAnonymous }: Config,
  s3: S3Connection,
  log: Logger,
): Promise<KeyFile | undefined> {
  if (apiKeysFile === undefined) return undefined;
  const file = configurationFile(apiKeysFile, s3);
  return KeyFile.open({ file, allowAnonymous, log, unixMs: Date.now });
}

async function openReplyQueue(
  settings: Config['replyQueue'],
  admin: QueueAdmin,
  log: Logger,
): Promise<ReplyQueue> {
  if ('url' in settings) return fixedReplyQueue(settings.url);
  try {
    return await createReplyQueue(admin, () => settings.namePrefix + randomUUID(), log);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(`The reply queue could not be created: ${reason}`, EXIT.unavailable, {
      cause: error,
    });
  }
}
