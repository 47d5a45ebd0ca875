import {
  flag,
  logLevel,
  parseEnvironment,
  readBy,
  secondsAsMs,
  wholeNumber,
  type Environment,
} from '@labelfleet/runtime';
import { parseOwnPrices, POLICY_NAMES, pricesFor } from '@labelfleet/scaling';
import * as z from 'zod';

/** A list such as `a,b`, in the order of preference. */
const commaList = <T extends string>(item: z.ZodType<T, string>) =>
  z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(item).min(1));

/** The same prefix as the gateways'. Queues with this prefix may be deleted. */
const queueNamePrefix = () =>
  z.string().regex(/^[A-Za-z0-9_-]{1,40}$/, 'must be 1 to 40 letters, digits, - or _');

const environment = z
  .object({
    AWS_REGION: z.string().default('us-east-1'),
    REQUEST_QUEUE_URL: z.url(),
    DEAD_LETTER_QUEUE_URL: z.url(),
    FLEET_EVENT_QUEUE_URL: z.url(),
    WEBHOOK_QUEUE_URL: z.url().optional(),
    BATCH_QUEUE_URL: z.url().optional(),
    BATCH_DEAD_LETTER_QUEUE_URL: z.url().optional(),
    REPLY_QUEUE_PREFIX: queueNamePrefix().default('labelfleet-replies-'),
    INPUT_BUCKET: z.string(),
    OUTPUT_BUCKET: z.string(),
    STATE_BUCKET: z.string(),
    HOST: z.string().default('127.0.0.1'),
    PORT: wholeNumber({ min: 0, max: 65_535 }).default(9090),
    METRICS_HOST: z.string().optional(),
    METRICS_PORT: wholeNumber({ min: 0, max: 65_535 }).default(9465),
    SCALING_POLICY: z.enum(POLICY_NAMES).default('deadline'),
    MIN_WORKERS: wholeNumber({ min: 0 }).default(0),
    MAX_WORKERS: wholeNumber({ min: 1 }).default(20),
    TARGET_WAIT_SECONDS: secondsAsMs({ min: 1, max: 3600 }).default(10_000),
    IMAGES_PER_WORKER: wholeNumber({ min: 1 }).default(5),
    TICK_SECONDS: secondsAsMs({ min: 0.05, max: 60 }).default(2000),
    IDLE_BEFORE_RELEASE_SECONDS: secondsAsMs({ min: 0 }).optional(),
    TICK_LOG: z.string().optional(),
    LEASE_SECONDS: secondsAsMs({ min: 0.5, max: 60 }).default(10_000),
    DRY_RUN: flag().default(false),
    WORKER_LAUNCH_TEMPLATE: z.string(),
    WORKER_INSTANCE_TYPES: commaList(z.string().min(1)).optional(),
    WORKER_SUBNET_IDS: commaList(z.string().min(1)).optional(),
    WORKER_MARKET: commaList(z.enum(['on-demand', 'spot'])).default(['on-demand']),
    WORKER_ROLL: flag().default(false),
    PRICES_USD: readBy(parseOwnPrices).optional(),
    FLEET_NAME: z.string().max(255).default('labelfleet'),
    LOG_LEVEL: logLevel().default('info'),
  })
  .refine((env) => env.MIN_WORKERS <= env.MAX_WORKERS, {
    path: ['MIN_WORKERS'],
    message: 'must not be above MAX_WORKERS',
  })
  .refine(
    (env) =>
      (env.BATCH_QUEUE_URL === undefined) === (env.BATCH_DEAD_LETTER_QUEUE_URL === undefined),
    {
      path: ['BATCH_DEAD_LETTER_QUEUE_URL'],
      message: 'must be set together with BATCH_QUEUE_URL, or neither of them',
    },
  );

function batchQueues({
  BATCH_QUEUE_URL: queueUrl,
  BATCH_DEAD_LETTER_QUEUE_URL: deadLetterQueueUrl,
}: z.output<typeof environment>) {
  return queueUrl === undefined || deadLetterQueueUrl === undefined
    ? undefined
    : { queueUrl, deadLetterQueueUrl };
}

export type ScalerConfig = ReturnType<typeof parseConfig>;

/** @throws ConfigError naming every fault at once */
export function parseConfig(variables: Environment) {
  const env = parseEnvironment(environment, variables);
  return {
    region: env.AWS_REGION,
    requestQueueUrl: env.REQUEST_QUEUE_URL,
    deadLetterQueueUrl: env.DEAD_LETTER_QUEUE_URL,
    fleetEventQueueUrl: env.FLEET_EVENT_QUEUE_URL,
    webhookQueueUrl: env.WEBHOOK_QUEUE_URL,
    /** Undefined: there are no jobs. */
    batch: batchQueues(env),
    replyQueuePrefix: env.REPLY_QUEUE_PREFIX,
    inputBucket: env.INPUT_BUCKET,
    outputBucket: env.OUTPUT_BUCKET,
    stateBucket: env.STATE_BUCKET,
    host: env.HOST,
    port: env.PORT,
    metricsHost: env.METRICS_HOST ?? env.HOST,
    /** Undefined: the metrics are on `port` only. */
    metricsPort: env.METRICS_PORT === 0 ? undefined : env.METRICS_PORT,
    scaling: {
      policy: env.SCALING_POLICY,
      minWorkers: env.MIN_WORKERS,
      maxWorkers: env.MAX_WORKERS,
      targetWaitSeconds: env.TARGET_WAIT_SECONDS / 1000,
      imagesPerWorker: env.IMAGES_PER_WORKER,
      idleBeforeReleaseSeconds:
        env.IDLE_BEFORE_RELEASE_SECONDS === undefined
          ? undefined
          : env.IDLE_BEFORE_RELEASE_SECONDS / 1000,
      roll: env.WORKER_ROLL,
    },
    tickMs: env.TICK_SECONDS,
    tickLog: env.TICK_LOG,
    leaseMs: env.LEASE_SECONDS,
    dryRun: env.DRY_RUN,
    workers: {
      launchTemplate: env.WORKER_LAUNCH_TEMPLATE,
      instanceTypes: env.WORKER_INSTANCE_TYPES,
      subnetIds: env.WORKER_SUBNET_IDS,
      markets: env.WORKER_MARKET,
    },
    prices: pricesFor(env.AWS_REGION, env.PRICES_USD),
    fleetName: env.FLEET_NAME,
    logLevel: env.LOG_LEVEL,
  };
}
