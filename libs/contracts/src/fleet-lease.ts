import * as z from 'zod';
import { decodeJson, type Decoded } from './decoded.ts';

/** Milliseconds since the epoch, by the clock of the scaler that holds the lease. */
const unixMs = z.number();

const place = {
  instanceType: z.string().exactOptional(),
  subnetId: z.string().exactOptional(),
  market: z.enum(['on-demand', 'spot']),
};

const launchRequest = z.object({
  clientToken: z.string().min(1),
  count: z.int().min(1),
  launchTemplateId: z.string(),
  launchTemplateVersion: z.string(),
  ...place,
  tags: z.record(z.string(), z.string()),
});

/**
 * Why an instance is terminated: `drained` is scale-in; `stopped` runs no more; the others cannot be heard (F7).
 */
export const terminateReasonSchema = z.enum(['drained', 'silent', 'never-reported', 'stopped']);
export type TerminateReason = z.infer<typeof terminateReasonSchema>;

/** Boots that have not come good (yet): what holds further launches back. */
const bootsSchema = z.object({
  /** The version of the launch template that all of it is about; null: nothing was launched yet. */
  template: z.string().nullable(),
  /** Boots under way, by instance id: the launch's token, where, from which template, and since when it is listed. */
  open: z.record(
    z.string(),
    z.object({
      token: z.string(),
      place: z.object(place),
      template: z.string(),
      sinceMs: unixMs,
    }),
  ),
  /** Instances whose outcome is known, and the token of their launch, for as long as that has others to come. */
  closed: z.record(z.string(), z.string()),
  /** The last ones, oldest first. */
  failed: z.array(
    z.object({
      instanceId: z.string(),
      atMs: unixMs,
      place: z.object(place),
      /** EC2's code, or how it could not be heard. */
      cause: z.string(),
      message: z.string(),
    }),
  ),
  /** When a boot last came good at each place, and how many did without a pause of 10 min. */
  good: z.array(z.object({ place: z.object(place), atMs: unixMs, count: z.int().min(1) })),
});

/**
 * What the scaler must not forget between deciding and seeing the effect (F2, F4, F6), by instance id where
 * it is about instances.
 */
export const fleetMemorySchema = z.object({
  /** What each was last told, and when the tag that tells it was last set; null: not yet. */
  instructions: z.record(
    z.string(),
    z.object({
      kind: z.enum(['drain', 'resume']),
      id: z.string(),
      setAtMs: unixMs.nullable(),
    }),
  ),
  /** Launches that were decided on: counted against max until their instances can be seen. */
  intents: z.array(
    z.object({
      request: launchRequest,
      /** When it was first written down: from then on its age is counted, whoever holds the lease. */
      writtenAtMs: unixMs.default(0),
      /** When the call was written down whose answer is still awaited; null: no call is. */
      sentAtMs: unixMs.nullable().default(null),
      /** How many instances EC2 said it launched; null while it has not said so. */
      launched: z.int().min(0).nullable(),
      /** It is not waited for any more: EC2 refused it, or has not answered for too long. */
      refused: z.boolean(),
      /** Until when its instances may appear in a listing, because of calls that are over; null: none may. */
      countedUntilMs: unixMs.nullable().default(null),
    }),
  ),
  /** Instances that are terminated whatever happens, and why. */
  terminates: z.record(z.string(), terminateReasonSchema),
  /** Absent: nothing is known, as in leases of earlier versions. */
  boots: bootsSchema.exactOptional(),
  /** Since when an instance named above has been in no listing. */
  unlisted: z.record(z.string(), unixMs),
  /** How long instances have been silent by the clock of hearing (F7), those that are for 5 s or longer. */
  silentMs: z.record(z.string(), z.number()).default({}),
  /** How long each level of the fleet has not been needed, as the policy `deadline` counts it. */
  levels: z
    .array(
      z.object({
        neededAtMs: unixMs,
        steadyAtMs: unixMs.nullable(),
        idleGaps: z.array(z.number()).readonly(),
      }),
    )
    .readonly()
    .default([]),
});
export type FleetMemory = z.infer<typeof fleetMemorySchema>;

/** The lease on the fleet and what its leader must not forget: one object, changed only by `If-Match` (F1). */
export const fleetLeaseSchema = z.object({
  v: z.literal(1),
  /** The scaler that may act; null: given up, to be taken at once. */
  leader: z.string().nullable(),
  /** A fresh one for every write: by it a writer knows its own again. */
  nonce: z.string(),
  /** Grows with every write. */
  seq: z.int().min(0),
  /**
   * When it was written, by the clock that the times in its memory are by: whoever inherits them moves them to
   * its own clock. Absent in leases of earlier versions.
   */
  writtenAtMs: unixMs.exactOptional(),
  memory: fleetMemorySchema,
});
export type FleetLease = z.infer<typeof fleetLeaseSchema>;

export const decodeFleetLease = (text: string): Decoded<FleetLease> =>
  decodeJson(fleetLeaseSchema, text);
export const encodeFleetLease = (lease: FleetLease): string => JSON.stringify(lease);
