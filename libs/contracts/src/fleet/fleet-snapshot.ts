import * as z from 'zod';
import { decodeJson, type Decoded } from '../decoded.ts';

const count = z.int().min(0);
const at = z.iso.datetime();

const usd = z.number().min(0);

/** The cost of a period by the prices known at the time; null if a price was not known. */
const periodCost = {
  since: at,
  /** Requests completed, and images of jobs classified. */
  images: count,
  /** Billed seconds of all instances, from launch to end, at least 60 each. */
  instanceSeconds: z.number().min(0),
  total: usd.nullable(),
  parts: z.object({ instances: usd.nullable(), queue: usd.nullable(), store: usd.nullable() }),
};

/** The cost of the workers and of the SQS and S3 calls, in USD. */
export const fleetCostSchema = z.object({
  currency: z.literal('USD'),
  /** Cost per hour of the instances that are running. */
  perHourNow: usd.nullable(),
  /** Cost per image of the last hour, including boots and idle time; null if there were none in it. */
  perImage: usd.nullable(),
  /** Price of an hour of a worker that may be launched, by where; absent: it is not known. */
  workerHour: z.object({ low: usd, high: usd }).optional(),
  /** True if a Spot instance without a known Spot price runs; it is counted at the on-demand price. */
  spotAtMost: z.boolean(),
  ...periodCost,
  lastHour: z.object(periodCost),
});
export type FleetCost = z.infer<typeof fleetCostSchema>;

/** The state of the fleet at the scaler's last tick, published in the state bucket and served as `GET /v1/fleet`. */
export const fleetSnapshotSchema = z.object({
  v: z.literal(1),
  at,
  /** The scaler publishes the next snapshot within this time. */
  publishedEverySeconds: z.number().positive(),
  policy: z.string(),
  /** The counts add up to all instances that are not terminated. */
  workers: z.object({
    booting: count,
    idle: count,
    busy: count,
    draining: count,
    /** No heartbeat for 15 s; not counted as capacity. */
    suspected: count,
  }),
  limits: z.object({ min: count, max: count }),
  queue: z.object({ backlog: count, inFlight: count, delayed: count }),
  decision: z.object({
    at,
    desired: count,
    launched: count,
    drained: count,
    reason: z.string(),
  }),
  /** The expected wait of a new request; null while it is unknown. */
  estimatedWaitSeconds: z.number().min(0).nullable(),
  /**
   * Estimates from heartbeats; null before the first sample. While few boots are known, P95 is at least a usual
   * multiple of P50.
   */
  learned: z.object({
    serviceSeconds: z.number().min(0).nullable(),
    bootSecondsP50: z.number().min(0).nullable(),
    bootSecondsP95: z.number().min(0).nullable(),
    /** How long a worker takes for an image of a job with nothing else to do; absent before the first. */
    jobImageSeconds: z.number().min(0).optional(),
  }),
  /** The jobs that are not completed; absent if there are none. */
  jobs: z
    .object({
      active: count,
      /** Images listed and not completed. */
      remaining: count,
      /** Workers wanted for them, within the limits. */
      workers: count,
    })
    .optional(),
  /** SHA-256 of the models of the workers that are up; `GET /v1/models` describes them. */
  models: z.array(z.string()).optional(),
  instances: z.array(
    z.object({
      id: z.string(),
      state: z.enum(['booting', 'idle', 'busy', 'draining', 'suspected']),
      since: at,
      /** Requests it has completed. */
      completed: count,
      /** Images of jobs it has classified; absent if none. */
      jobImages: count.optional(),
      /** Of a booting instance: its launch. */
      launchedAt: at.optional(),
      /** Of a booting instance: when half of the last boots would be ready. Absent until a boot was measured. */
      expectedReadyAt: at.optional(),
    }),
  ),
  /** The consecutive failed boots; absent if the last boot was good or there was none. */
  failedBoots: z
    .object({
      count: z.int().min(1),
      /** When the first and the last of these boots failed. */
      since: at,
      last: at,
      /** EC2's code for the last failed boot, or the reason why no heartbeat arrived; `message` explains it. */
      cause: z.string(),
      message: z.string(),
      /** The earliest time of the next launch; null: at any time. */
      nextLaunchAt: at.nullable(),
    })
    .optional(),
  cost: fleetCostSchema,
  /**
   * The last minutes, oldest entry first. `workers`: those that are booting, idle or busy. `completed`: requests
   * completed since this leader began, so only differences are meaningful.
   */
  history: z.array(
    z.object({
      at,
      backlog: count,
      inFlight: count,
      workers: count,
      completed: count.optional(),
    }),
  ),
});
export type FleetSnapshot = z.infer<typeof fleetSnapshotSchema>;

/** Tolerates a change of the leader and different clocks. */
const MARGIN_SECONDS = 5;

/**
 * Whether a snapshot is too old to describe the present: three publications are missing.
 * @param now Unix milliseconds
 */
export function isStale(
  { at, publishedEverySeconds }: Pick<FleetSnapshot, 'at' | 'publishedEverySeconds'>,
  now: number,
): boolean {
  const ageSeconds = (now - Date.parse(at)) / 1000;
  return ageSeconds > 3 * publishedEverySeconds + MARGIN_SECONDS;
}

export const decodeFleetSnapshot = (text: string): Decoded<FleetSnapshot> =>
  decodeJson(fleetSnapshotSchema, text);
export const encodeFleetSnapshot = (snapshot: FleetSnapshot): string => JSON.stringify(snapshot);
export const fleetSnapshotCodec = { decode: decodeFleetSnapshot, encode: encodeFleetSnapshot };
