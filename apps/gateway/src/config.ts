import { MIN_PRECISION_RANGE, parseMinPrecision, type BucketPart } from '@labelfleet/contracts';
import {
  flag,
  logLevel,
  parseEnvironment,
  readBy,
  secondsAsMs,
  share,
  wholeNumber,
  type Environment,
} from '@labelfleet/runtime';
import { parseOwnPrices, pricesFor, type Prices } from '@labelfleet/scaling/cost';
import type { BlockList } from 'node:net';
import * as z from 'zod';
import { parseImageSource, type ImageSource } from './accept/image-sources.ts';
import { isLoopback } from './http/loopback.ts';
import { parseNetworks } from './http/client-view.ts';
import { parseOrigins, type Origins } from './http/cors.ts';
import type { JobPlaces } from './jobs/create/job-request.ts';
import { FORM_OVERHEAD_BYTES } from './upload/read-upload.ts';

/** SQS allows 80 characters in a queue's name; 36 of them are the random part. */
const queueNamePrefix = () =>
  z.string().regex(/^[A-Za-z0-9_-]{1,40}$/, 'must be 1 to 40 letters, digits, - or _');

/** Buckets and folders, separated by commas. */
const bucketFolders = () =>
  z.string().transform((list, context) => {
    const texts = list.split(',').map((text) => text.trim());
    return texts
      .filter((text) => text !== '')
      .flatMap((text) => {
        const source = parseImageSource(text);
        if (source === undefined)
          context.addIssue(`has ${text}, which is no bucket or bucket/folder`);
        return source ?? [];
      });
  });

const environmentSchema = z
  .object({
    AWS_REGION: z.string().default('us-east-1'),
    REQUEST_QUEUE_URL: z.url(),
    INPUT_BUCKET: z.string(),
    OUTPUT_BUCKET: z.string(),
    STATE_BUCKET: z.string(),
    FLEET_EVENT_QUEUE_URL: z.url().optional(),
    REPLY_QUEUE_URL: z.url().optional(),
    WEBHOOKS_FILE: z.string().optional(),
    WEBHOOK_QUEUE_URL: z.url().optional(),
    WEBHOOK_DEAD_LETTER_QUEUE_URL: z.url().optional(),
    WEBHOOKS_ALLOW_LOOPBACK: flag().default(false),
    REPLY_QUEUE_PREFIX: queueNamePrefix().default('labelfleet-replies-'),
    HOST: z.string().default('127.0.0.1'),
    PORT: wholeNumber({ min: 0, max: 65_535 }).default(8080),
    METRICS_HOST: z.string().optional(),
    METRICS_PORT: wholeNumber({ min: 0, max: 65_535 }).default(9464),
    API_KEYS_FILE: z.string().optional(),
    ALLOW_ANONYMOUS: flag().default(false),
    CORS_ORIGINS: readBy(parseOrigins).optional(),
    TRUSTED_PROXIES: readBy(parseNetworks).optional(),
    PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
    REPLY_TIMEOUT_SECONDS: secondsAsMs({ min: 0, max: 3600 }).default(300_000),
    MAX_BACKLOG_SECONDS: secondsAsMs({ min: 1 }).optional(),
    MIN_PRECISION: z
      .string()
      .transform(parseMinPrecision)
      .refine((precision) => precision !== undefined, MIN_PRECISION_RANGE)
      .optional(),
    MAX_IMAGE_BYTES: wholeNumber({ min: 1 }).default(33_554_432),
    MAX_INFLIGHT_UPLOAD_BYTES: wholeNumber({ min: 1 }).default(268_435_456),
    IMAGE_SOURCE_BUCKETS: bucketFolders().optional(),
    BATCH_QUEUE_URL: z.url().optional(),
    JOB_SOURCES: bucketFolders().optional(),
    JOB_DESTINATIONS: bucketFolders().optional(),
    DRAIN_TIMEOUT_SECONDS: secondsAsMs({ min: 0 }).default(20_000),
    PRICES_USD: readBy(parseOwnPrices).optional(),
    OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
    OTEL_TRACES_SAMPLER_ARG: share().default(1),
    LOG_LEVEL: logLevel().default('info'),
  })
  .refine((env) => env.MAX_INFLIGHT_UPLOAD_BYTES >= env.MAX_IMAGE_BYTES + FORM_OVERHEAD_BYTES, {
    path: ['MAX_INFLIGHT_UPLOAD_BYTES'],
    message: `must be at least MAX_IMAGE_BYTES + ${FORM_OVERHEAD_BYTES}, so that one image in its form fits`,
  })
  .refine(
    (env) =>
      env.WEBHOOKS_FILE === undefined ||
      (env.WEBHOOK_QUEUE_URL !== undefined && env.WEBHOOK_DEAD_LETTER_QUEUE_URL !== undefined),
    {
      path: ['WEBHOOKS_FILE'],
      message: 'needs WEBHOOK_QUEUE_URL and WEBHOOK_DEAD_LETTER_QUEUE_URL too',
    },
  )
  .refine((env) => isLoopback(env.HOST) || env.API_KEYS_FILE !== undefined || env.ALLOW_ANONYMOUS, {
    path: ['HOST'],
    message:
      'without API keys everybody who reaches this address could use the gateway. Set API_KEYS_FILE (npm run keys), or ALLOW_ANONYMOUS=true',
  });

export interface Config {
  region: string;
  requestQueueUrl: string;
  inputBucket: string;
  outputBucket: string;
  stateBucket: string;
  /** Receives refused demand. If absent, no request is refused for want of workers. */
  fleetEventQueueUrl: string | undefined;
  /** The URL of an existing queue, or the name prefix of one to create. */
  replyQueue: { url: string } | { namePrefix: string };
  /** Receives the webhook messages of requests that this gateway completes. */
  webhookQueueUrl: string | undefined;
  /** If absent, this gateway refuses `Notify` and sends no webhooks. */
  webhooks:
    { file: string; outboxUrl: string; deadLettersUrl: string; allowLoopback: boolean } | undefined;
  host: string;
  /** 0 means any free port. */
  port: number;
  metricsHost: string;
  /** Undefined: the metrics are on the public port. */
  metricsPort: number | undefined;
  /** Undefined: callers are anonymous. */
  apiKeysFile: string | undefined;
  /** Callers are anonymous until the file of API keys exists, where it is an object. */
  allowAnonymous: boolean;
  corsOrigins: Origins;
  trustedProxies: BlockList | undefined;
  publicUrl: URL | undefined;
  /** The longest wait of a request for its result. */
  replyTimeoutMs: number;
  /** A request that is expected to wait longer for a worker is refused; undefined: none is. */
  maxBacklogMs: number | undefined;
  /** Applies to requests that demand no precision themselves; undefined: none. */
  minPrecision: number | undefined;
  maxImageBytes: number;
  /** The memory that all uploads together may hold. */
  maxInflightUploadBytes: number;
  /** Where callers may name images instead of sending them. */
  imageSources: ImageSource[];
  /** Receives the messages of jobs. If absent, this gateway creates no jobs. */
  batchQueueUrl: string | undefined;
  jobPlaces: JobPlaces;
  /** At stop, waiting requests may wait this long before they get a link to their result. */
  drainTimeoutMs: number;
  /** Of calls to AWS. */
  prices: Prices;
  /** Where traces go; undefined: nowhere. */
  traces: { endpoint: string; sampledShare: number } | undefined;
  logLevel: z.infer<ReturnType<typeof logLevel>>;
}

/** @throws ConfigError that names every fault */
export function parseConfig(env: Environment): Config {
  const parsed = parseEnvironment(environmentSchema, env);
  return {
    region: parsed.AWS_REGION,
    requestQueueUrl: parsed.REQUEST_QUEUE_URL,
    inputBucket: parsed.INPUT_BUCKET,
    outputBucket: parsed.OUTPUT_BUCKET,
    stateBucket: parsed.STATE_BUCKET,
    fleetEventQueueUrl: parsed.FLEET_EVENT_QUEUE_URL,
    replyQueue:
      parsed.REPLY_QUEUE_URL === undefined
        ? { namePrefix: parsed.REPLY_QUEUE_PREFIX }
        : { url: parsed.REPLY_QUEUE_URL },
    webhookQueueUrl: parsed.WEBHOOK_QUEUE_URL,
    webhooks: webhooksOf(parsed),
    host: parsed.HOST,
    port: parsed.PORT,
    metricsHost: parsed.METRICS_HOST ?? parsed.HOST,
    metricsPort: parsed.METRICS_PORT === 0 ? undefined : parsed.METRICS_PORT,
    apiKeysFile: parsed.API_KEYS_FILE,
    allowAnonymous: parsed.ALLOW_ANONYMOUS,
    corsOrigins: parsed.CORS_ORIGINS ?? new Set(),
    trustedProxies: parsed.TRUSTED_PROXIES,
    publicUrl: parsed.PUBLIC_URL === undefined ? undefined : new URL(parsed.PUBLIC_URL),
    replyTimeoutMs: parsed.REPLY_TIMEOUT_SECONDS,
    minPrecision: parsed.MIN_PRECISION,
    maxBacklogMs: parsed.MAX_BACKLOG_SECONDS,
    maxImageBytes: parsed.MAX_IMAGE_BYTES,
    maxInflightUploadBytes: parsed.MAX_INFLIGHT_UPLOAD_BYTES,
    imageSources: parsed.IMAGE_SOURCE_BUCKETS ?? [],
    batchQueueUrl: parsed.BATCH_QUEUE_URL,
    jobPlaces: {
      sources: bucketParts(parsed.JOB_SOURCES) ?? [
        { bucket: parsed.INPUT_BUCKET, prefix: 'uploads/' },
      ],
      destinations: bucketParts(parsed.JOB_DESTINATIONS) ?? [
        { bucket: parsed.OUTPUT_BUCKET, prefix: 'jobs/' },
      ],
    },
    drainTimeoutMs: parsed.DRAIN_TIMEOUT_SECONDS,
    prices: pricesFor(parsed.AWS_REGION, parsed.PRICES_USD),
    traces:
      parsed.OTEL_EXPORTER_OTLP_ENDPOINT === undefined
        ? undefined
        : {
            endpoint: parsed.OTEL_EXPORTER_OTLP_ENDPOINT,
            sampledShare: parsed.OTEL_TRACES_SAMPLER_ARG,
          },
    logLevel: parsed.LOG_LEVEL,
  };
}

const bucketParts = (folders: ImageSource[] | undefined): BucketPart[] | undefined =>
  folders?.map(({ bucket, folder }) => ({ bucket, prefix: folder }));

function webhooksOf({
  WEBHOOKS_FILE: file,
  WEBHOOK_QUEUE_URL: outboxUrl,
  WEBHOOK_DEAD_LETTER_QUEUE_URL: deadLettersUrl,
  WEBHOOKS_ALLOW_LOOPBACK: allowLoopback,
}: z.output<typeof environmentSchema>): Config['webhooks'] {
  if (file === undefined || outboxUrl === undefined || deadLettersUrl === undefined)
    return undefined;
  return { file, outboxUrl, deadLettersUrl, allowLoopback };
}
