import * as z from 'zod';
import { decodeJson, type Decoded } from './decoded.ts';

const count = z.int().min(0);
const at = z.iso.datetime();

const usd = z.number().min(0);

/** What a time has cost, by the prices that were known at the time; null where one was not. */
const costOfTime = {
  since: at,
  /** Images settled. */
  images: count,
  /** Seconds billed, of all instances together: from launch to end, 60 at least. */
  instanceSeconds: z.number().min(0),
  total: usd.nullable(),
  parts: z.object({ instances: usd.nullable(), queue: usd.nullable(), store: usd.nullable() }),
};

/** What the workers and the way of the images cost, in USD. */
export const fleetCostSchema = z.object({
  currency: z.literal('USD'),
  /** An hour of the instances that run now. */
  perHourNow: usd.nullable(),
  /** Of the last hour, boots and idle time included; null while no image was settled in it. */
  perImage: usd.nullable(),
  /** Whether a Spot instance without a price of its own runs: it is counted at the price on demand. */
  spotAtMost: z.boolean(),
  ...costOfTime,
  lastHour: z.object(costOfTime),
});
export type FleetCost = z.infer<typeof fleetCostSchema>;

/** The fleet as the scaler last saw it, published in the state bucket and served as `GET /v1/fleet`. */
export const fleetSnapshotSchema = z.object({
  v: z.literal(1),
  at,
  /** The scaler publishes again within this time. Absent in snapshots of earlier versions, which were within 10. */
  publishedEverySeconds: z.number().positive().optional(),
  policy: z.string(),
  /** Adds up to the fleet that is not yet terminated. */
  workers: z.object({
    booting: count,
    idle: count,
    busy: count,
    draining: count,
    /** Not heard for 15 s: no capacity. Absent in snapshots of earlier versions. */
    suspected: count.optional(),
  }),
  limits: z.object({ min: count, max: count }),
  queue: z.object({ waiting: count, inFlight: count, delayed: count }),
  decision: z.object({
    at,
    desired: count,
    launched: count,
    released: count,
    reason: z.string(),
  }),
  /** How long an image that arrives now is likely to wait; null while nothing is known. */
  estimatedWaitSeconds: z.number().min(0).nullable(),
  /** What the fleet's own reports taught; null before the first sample. */
  learned: z.object({
    serviceSeconds: z.number().min(0).nullable(),
    bootSecondsP50: z.number().min(0).nullable(),
    bootSecondsP95: z.number().min(0).nullable(),
  }),
  instances: z.array(
    z.object({
      id: z.string(),
      state: z.enum(['booting', 'idle', 'busy', 'draining', 'suspected']),
      since: at,
      /** Images it has settled. */
      served: count,
    }),
  ),
  /** Boots that failed one after the other; absent while the last one came good, or none was made. */
  failedBoots: z
    .object({
      count: z.int().min(1),
      /** When the first and the last of them failed. */
      since: at,
      last: at,
      /** Of the last one: EC2's code, or how it could not be heard; and that in words. */
      cause: z.string(),
      message: z.string(),
      /** When the next launch may be made; null: at any time. */
      nextLaunchAt: at.nullable(),
    })
    .optional(),
  /** Absent in snapshots of earlier versions. */
  cost: fleetCostSchema.optional(),
  /** The last minutes, oldest first. */
  history: z.array(z.object({ at, waiting: count, inFlight: count, live: count })),
});
export type FleetSnapshot = z.infer<typeof fleetSnapshotSchema>;

/** Where a snapshot does not say. */
const PUBLISHED_EVERY_SECONDS = 10;
/** For a scaler that was replaced meanwhile, and for clocks that differ. */
const MARGIN_SECONDS = 5;

/**
 * Whether a snapshot is too old to say anything of now: three publications are missing.
 * @param now Unix milliseconds
 */
export function isStale(
  {
    at,
    publishedEverySeconds = PUBLISHED_EVERY_SECONDS,
  }: Pick<FleetSnapshot, 'at' | 'publishedEverySeconds'>,
  now: number,
): boolean {
  const ageSeconds = (now - Date.parse(at)) / 1000;
  return ageSeconds > 3 * publishedEverySeconds + MARGIN_SECONDS;
}

export const decodeFleetSnapshot = (text: string): Decoded<FleetSnapshot> =>
  decodeJson(fleetSnapshotSchema, text);
export const encodeFleetSnapshot = (snapshot: FleetSnapshot): string => JSON.stringify(snapshot);
