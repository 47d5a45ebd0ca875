import { DEFAULT_LIMITS } from '@labelfleet/inference';
import {
  logLevel,
  parseEnvironment,
  readBy,
  secondsAsMs,
  share,
  wholeNumber,
  type Environment,
} from '@labelfleet/runtime';
import { parseOwnPrices, pricesFor } from '@labelfleet/scaling/cost';
import * as z from 'zod';

export type WorkerConfig = ReturnType<typeof parseConfig>;

/**
 * @param cores the number of threads that this machine runs at once, the default of INFERENCE_THREADS
 * @throws ConfigError naming every fault at once
 */
export function parseConfig(env: Environment, cores: number) {
  const set = parseEnvironment(schema, env);
  const inferenceThreads = set.INFERENCE_THREADS ?? cores;
  return {
    region: set.AWS_REGION,
    logLevel: set.LOG_LEVEL,
    requestQueueUrl: set.REQUEST_QUEUE_URL,
    fleetEventQueueUrl: set.FLEET_EVENT_QUEUE_URL,
    webhookQueueUrl: set.WEBHOOK_QUEUE_URL,
    /** Undefined: the worker does not work on jobs. */
    batchQueueUrl: set.BATCH_QUEUE_URL,
    inputBucket: set.INPUT_BUCKET,
    outputBucket: set.OUTPUT_BUCKET,
    stateBucket: set.STATE_BUCKET,
    /** Undefined: the embedded model. */
    modelDir: set.MODEL_DIR,
    inferenceThreads,
    /** Images handled at once. By default one more than threads, so that the next image is fetched in time. */
    slots: set.SLOTS ?? inferenceThreads + 1,
    maxImageBytes: set.MAX_IMAGE_BYTES,
    maxImagePixels: set.MAX_IMAGE_PIXELS,
    pollSeconds: set.POLL_SECONDS,
    visibilityTimeoutSeconds: set.VISIBILITY_TIMEOUT_SECONDS,
    maxAttemptMs: set.MAX_ATTEMPT_SECONDS,
    imageLimits: {
      // The default is half an attempt at most: an image that is too slow to decode is completed as
      // invalid; one that outlasts its attempt would be attempted again.
      maxDecodeMs:
        set.MAX_DECODE_SECONDS ?? Math.min(DEFAULT_LIMITS.maxDecodeMs, set.MAX_ATTEMPT_SECONDS / 2),
      maxMemoryBytes: set.MAX_IMAGE_MEMORY_BYTES,
    },
    drainTimeoutMs: set.DRAIN_TIMEOUT_SECONDS,
    idleShutdownMs: set.IDLE_SHUTDOWN_SECONDS,
    prices: pricesFor(set.AWS_REGION, set.PRICES_USD),
    /** Where the metrics are served. Port 0: any free one. */
    metrics: { host: set.METRICS_HOST ?? set.HOST, port: set.METRICS_PORT },
    /** Where traces go; undefined: nowhere. */
    traces:
      set.OTEL_EXPORTER_OTLP_ENDPOINT === undefined
        ? undefined
        : {
            endpoint: set.OTEL_EXPORTER_OTLP_ENDPOINT,
            sampledShare: set.OTEL_TRACES_SAMPLER_ARG,
          },
  };
}

const schema = z.object({
  AWS_REGION: z.string().default('us-east-1'),
  LOG_LEVEL: logLevel().default('info'),
  REQUEST_QUEUE_URL: z.url(),
  FLEET_EVENT_QUEUE_URL: z.url(),
  WEBHOOK_QUEUE_URL: z.url().optional(),
  BATCH_QUEUE_URL: z
    .url()
    .refine((url) => !url.endsWith('.fifo'), 'must be a standard queue, not a FIFO queue')
    .optional(),
  INPUT_BUCKET: z.string(),
  OUTPUT_BUCKET: z.string(),
  STATE_BUCKET: z.string(),
  MODEL_DIR: z.string().optional(),
  INFERENCE_THREADS: wholeNumber({ min: 1, max: 256 }).optional(),
  SLOTS: wholeNumber({ min: 1, max: 256 }).optional(),
  // Of an image of a job; the gateway refuses larger ones of requests.
  MAX_IMAGE_BYTES: wholeNumber({ min: 1 }).default(33_554_432),
  MAX_IMAGE_PIXELS: wholeNumber({ min: 1 }).default(201_326_592),
  // SQS waits for 20 s at most; with 0 s the loop would spin. An idle worker that has to drain is billed
  // until its poll ends, half of this time on average: 10 s cost as much as 500 receives. At 5 s an idle
  // hour has 720 receives, 0.4 % of the price of a c7g.large.
  POLL_SECONDS: wholeNumber({ min: 1, max: 20 }).default(5),
  // The visibility is extended after a third of this time, and counts as lapsed 2 s before its end. Below
  // 6 s a late extension would always be too late.
  VISIBILITY_TIMEOUT_SECONDS: wholeNumber({ min: 6, max: 43_200 }).default(30),
  MAX_ATTEMPT_SECONDS: secondsAsMs({ min: 0.1 }).default(60_000),
  MAX_DECODE_SECONDS: secondsAsMs({ min: 0.1 }).optional(),
  MAX_IMAGE_MEMORY_BYTES: wholeNumber({ min: 10_000_000 }).default(DEFAULT_LIMITS.maxMemoryBytes),
  DRAIN_TIMEOUT_SECONDS: secondsAsMs({ min: 0 }).default(60_000),
  IDLE_SHUTDOWN_SECONDS: secondsAsMs({ min: 1 }).default(900_000),
  PRICES_USD: readBy(parseOwnPrices).optional(),
  HOST: z.string().default('127.0.0.1'),
  METRICS_HOST: z.string().optional(),
  METRICS_PORT: wholeNumber({ min: 0, max: 65_535 }).default(9466),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  OTEL_TRACES_SAMPLER_ARG: share().default(1),
});
