import { Linger } from '@labelfleet/aws/queue';
import { fakeS3, fakeSqs, type CallHook } from '@labelfleet/aws/testing';
import {
  decodeJobMessage,
  decodeQueuedEvent,
  decodeRequestMessage,
  decodeWebhookMessage,
  encodeReplyMessage,
  encodeStoredResult,
  resultKey,
  type ApiKey,
  type RequestMessage,
  type StoredResult,
} from '@labelfleet/contracts';
import { createLogger, sleep, type Logger, type LogOutput } from '@labelfleet/runtime';
import { randomBytes } from 'node:crypto';
import { JobStore } from '@labelfleet/jobs';
import { US_EAST_1_PRICES } from '@labelfleet/scaling/cost';
import type { ImageSource } from '../accept/image-sources.ts';
import { BatchStore } from '../batches/batch-store.ts';
import { authenticate } from '../auth/authenticate.ts';
import { createApp } from '../http/app.ts';
import { AwsHealth } from '../http/aws-health.ts';
import { FleetView } from '../routes/fleet-view.ts';
import { ModelsView } from '../routes/models-view.ts';
import { IdempotencyRecords } from '../accept/idempotency/idempotency-records.ts';
import { KeyedSends } from '../accept/idempotency/keyed-sends.ts';
import { ImageStore } from '../accept/image-store.ts';
import { SourceCounter } from '../jobs/create/count-source.ts';
import type { JobPlaces } from '../jobs/create/job-request.ts';
import { JobEvents } from '../jobs/job-events.ts';
import { JobLooks } from '../jobs/look/job-looks.ts';
import { createMetrics } from '../metrics.ts';
import type { ProxySettings } from '../http/client-view.ts';
import { PendingReplies } from '../replies/pending-replies.ts';
import { reachability } from '../http/reachability.ts';
import { RefusedDemand } from '../accept/refused-demand.ts';
import { ReplyListener } from '../replies/reply-listener.ts';
import { fixedReplyQueue } from '../replies/reply-queue.ts';
import { ResultStore } from '../replies/result-store.ts';
import { CallerLimits } from '../limits/caller-limits.ts';
import { DayUsage } from '../limits/day-usage.ts';
import { ResultCosts } from '../limits/result-costs.ts';
import { ByteBudget } from '../upload/byte-budget.ts';
import type { Pace } from '../upload/pace.ts';
import { createOutbox } from '../webhooks/outbox.ts';
import { readWebFiles } from '../web/web-files.ts';
import { checkResponse } from './check-response.ts';
import { imageForm } from './uploads.ts';

export interface GatewayOptions {
  maxImageBytes?: number;
  budgetBytes?: number;
  pace?: Pace;
  replyTimeoutMs?: number;
  maxBacklogMs?: number;
  minPrecision?: number;
  unixMs?: () => number;
  monotonicMs?: () => number;
  beforeCall?: CallHook;
  withoutEventQueue?: true;
  /** Names of webhook receivers; undefined: the gateway sends no webhooks. */
  receivers?: string[];
  imageSources?: readonly ImageSource[];
  /** By default the input and the output bucket. */
  jobPlaces?: JobPlaces;
  withoutBatchQueue?: true;
  logOutput?: Pick<LogOutput, 'lostLines' | 'trouble'>;
  log?: Logger;
  /** Callers are anonymous if absent. */
  keys?: readonly ApiKey[];
  /** False: the file of the keys does not exist yet. */
  keysRequired?: boolean;
  keysWarning?: string;
  origins?: readonly string[];
  proxies?: ProxySettings;
}

/** A gateway with SQS and S3 in memory and a running reply listener. */
export async function fakeGateway(options: GatewayOptions = {}) {
  const { maxImageBytes = 10_000, budgetBytes = 1_000_000, replyTimeoutMs = 20_000 } = options;
  const cloud = options.beforeCall === undefined ? {} : { beforeCall: options.beforeCall };
  const sqs = fakeSqs(cloud);
  const s3 = fakeS3(cloud);
  for (const bucket of ['input', 'output', 'state', 'photos']) s3.createBucket(bucket);
  const [input, output, state] = [s3.store('input'), s3.store('output'), s3.store('state')];
  const requestQueueUrl = sqs.createQueue('requests');
  const replyTo = sqs.createQueue('replies');
  const replyQueue = fixedReplyQueue(replyTo);
  const requests = sqs.queue(requestQueueUrl);
  const outboxUrl = sqs.createQueue('webhooks');
  const eventQueueUrl = sqs.createQueue('fleet-events');
  const batchQueueUrl = sqs.createQueue('batch');

  const log = options.log ?? createLogger({ app: 'gateway', level: 'silent' });
  const pending = new PendingReplies(() => performance.now());
  const budget = new ByteBudget(budgetBytes, options.pace);
  const fleet = new FleetView({
    bucket: state,
    monotonicMs: () => performance.now(),
    unixMs: options.unixMs ?? Date.now,
  });
  const models = new ModelsView({ bucket: state, fleet, monotonicMs: () => performance.now() });
  const metrics = createMetrics({
    fleet,
    inflightUploadBytes: () => budget.bytesInUse,
    maxUploadBytes: 1,
    waiters: () => pending.size,
  });
  const results = new ResultStore(output);
  const jobs = new JobStore(state);
  const storeOf = (bucket: string) => s3.store(bucket);
  const events = options.withoutEventQueue ? undefined : sqs.queue(eventQueueUrl);
  const refusedDemand = new RefusedDemand({
    events,
    gatewayId: 'gateway',
    log,
    unixMs: options.unixMs ?? Date.now,
    monotonicMs: () => performance.now(),
  });
  const clocks = {
    unixMs: options.unixMs ?? Date.now,
    monotonicMs: options.monotonicMs ?? (() => performance.now()),
  };
  const usage = new DayUsage({ bucket: state, gateway: 'this-gateway', ...clocks, log });
  const costs = new ResultCosts(usage);
  const keys = new Map(options.keys?.map((key) => [key.id, key]));
  const proxies = options.proxies ?? { trusted: undefined, publicUrl: undefined };
  const linger = new Linger(() => performance.now());
  const listener = new ReplyListener({
    replyQueue,
    queueAt: (url) => sqs.queue(url),
    pending,
    linger,
    metrics,
    costs,
    log,
    random: () => 0,
    tracing: undefined,
  });
  const health = new AwsHealth(
    reachability({ input, output, state, requests }),
    () => performance.now(),
    log,
  );
  const draining = new AbortController();
  const app = createApp({
    log,
    unixMs: options.unixMs ?? Date.now,
    randomBytes,
    receivers: options.receivers && { value: new Set(options.receivers), fault: undefined },
    outbox: createOutbox(sqs.queue(outboxUrl)),
    budget,
    images: new ImageStore(input),
    results,
    requests,
    pending,
    idempotency: new IdempotencyRecords(state),
    batches: new BatchStore(state),
    imageSources: options.imageSources ?? [],
    storeOf,
    jobs,
    jobLooks: new JobLooks({ jobs, storeOf, ...clocks }),
    batchQueue: options.withoutBatchQueue ? undefined : sqs.queue(batchQueueUrl),
    jobPlaces: options.jobPlaces ?? {
      sources: [{ bucket: 'input', prefix: 'uploads/' }],
      destinations: [{ bucket: 'output', prefix: 'jobs/' }],
    },
    jobEvents: new JobEvents(events, clocks.unixMs),
    sourceCounter: new SourceCounter({ storeOf, ...clocks }),
    prices: US_EAST_1_PRICES,
    refusedDemand,
    keyedSends: new KeyedSends(),
    gateway: 'this-gateway',
    monotonicMs: () => performance.now(),
    sleep,
    fleet,
    models,
    replyQueue,
    linger,
    metrics,
    tracing: undefined,
    limits: {
      maxImageBytes,
      replyTimeoutMs,
      maxBacklogMs: options.maxBacklogMs,
      minPrecision: options.minPrecision,
    },
    health,
    listener,
    draining: draining.signal,
    logOutput: options.logOutput ?? { lostLines: 0, trouble: undefined },
    keys: options.keys && {
      required: options.keysRequired ?? true,
      authenticate: (authorization) => authenticate(authorization, keys, clocks.unixMs()),
      warning: options.keysWarning,
    },
    onLoopback: true,
    origins: new Set(options.origins),
    proxies,
    publicUrl: proxies.publicUrl,
    callerLimits: new CallerLimits({ usage, ...clocks }),
    withMetrics: true,
    web: await readWebFiles({ maxImageBytes }),
  });
  // Every answer in every test must be as the OpenAPI document says. Not awaited: a body may end late.
  const { fetch } = app;
  const checks: Promise<void>[] = [];
  app.fetch = async (request, ...rest) => {
    const response = await fetch(request, ...rest);
    // A copy of a stream would keep it open when the client has left.
    const isStream = !/json\s*$/.test(response.headers.get('content-type') ?? '');
    const copy = isStream ? new Response(null, response) : response.clone();
    const check = checkResponse(request, copy);
    check.catch(() => undefined);
    checks.push(check);
    return response;
  };
  const stopping = new AbortController();
  const listening = listener.run(stopping.signal);

  return {
    app,
    drain: () => draining.abort(),
    log,
    metrics,
    pending,
    budget,
    input,
    output,
    state,
    photos: s3.store('photos'),
    replyTo,
    /** The messages on the outbox queue. */
    webhooks: () => sqs.bodies(outboxUrl).map(decodeWebhookMessage),
    usage,
    jobs,
    storeOf,
    /** The messages on the batch queue. */
    jobMessages: () =>
      sqs.bodies(batchQueueUrl).map((body) => {
        const decoded = decodeJobMessage(body);
        if (decoded.kind === 'malformed') throw new Error(decoded.reason);
        return decoded.value;
      }),
    /** The messages on the request queue. */
    requests: (): RequestMessage[] =>
      sqs.bodies(requestQueueUrl).map((body) => {
        const decoded = decodeRequestMessage(body);
        if (decoded.kind === 'malformed') throw new Error(decoded.reason);
        return decoded.value;
      }),
    /** Reports refusals now, as the gateway does once a second. @returns all refusals that the scaler got */
    async reportedRefusals() {
      await refusedDemand.report();
      return sqs.bodies(eventQueueUrl).map((body) => {
        const decoded = decodeQueuedEvent(body);
        if (decoded.kind === 'malformed') throw new Error(decoded.reason);
        return decoded.value;
      });
    },
    /** Receives one request, stores its result, replies and deletes the message, as a worker does. */
    async completeNext(
      resultOf: (request: RequestMessage) => StoredResult,
      { reply = true }: { reply?: boolean } = {},
    ): Promise<{ request: RequestMessage; attributes: Readonly<Record<string, string>> }> {
      const [message] = await requests.receive({
        maxMessages: 1,
        waitSeconds: 20,
        visibilityTimeoutSeconds: 30,
      });
      const request = decodeRequestMessage(message?.body ?? '');
      if (message === undefined || request.kind === 'malformed')
        throw new Error('no request was received');
      const result = resultOf(request.value);
      await output.put(resultKey(result.id), encodeStoredResult(result), {
        contentType: 'application/json',
        onlyIf: 'absent',
      });
      if (reply)
        await sqs.sender.send(request.value.replyTo ?? replyTo, {
          body: encodeReplyMessage({ v: 1, result }),
        });
      await requests.ack(message.receipt);
      return { request: request.value, attributes: message.attributes };
    },
    async metric(line: string): Promise<boolean> {
      return (await metrics.registry.metrics()).split('\n').includes(line);
    },
    async [Symbol.asyncDispose]() {
      pending.stop();
      stopping.abort();
      await listening;
      await health[Symbol.asyncDispose]();
      await Promise.all(checks);
    },
  };
}

export type FakeGateway = Awaited<ReturnType<typeof fakeGateway>>;

/** Sends one upload, by default a valid image. */
export const post = (
  gateway: FakeGateway,
  path: string,
  { contentType, body }: { contentType: string; body: Uint8Array } = imageForm(),
  headers: Record<string, string> = {},
  signal?: AbortSignal,
) =>
  gateway.app.request(path, {
    method: 'POST',
    body: new Uint8Array(body),
    headers: { 'content-type': contentType, 'content-length': String(body.length), ...headers },
    ...(signal && { signal }),
  });

/** A JSON body. */
export const jsonBody = (value: unknown) => ({
  contentType: 'application/json',
  body: Buffer.from(JSON.stringify(value)),
});
