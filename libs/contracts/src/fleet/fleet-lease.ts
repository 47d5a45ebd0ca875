import * as z from 'zod';
import { decodeJson, type Decoded } from '../decoded.ts';

/** Unix milliseconds by the clock of the leader. */
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
 * Why an instance is terminated: `drained` by scale-in; `stopped` means that EC2 shows it as stopped; the others
 * send no heartbeats (F7).
 */
export const terminateReasonSchema = z.enum(['drained', 'silent', 'never-reported', 'stopped']);
export type TerminateReason = z.infer<typeof terminateReasonSchema>;

/** Boots in progress, failed boots and good boots, which decide how many launches are allowed. */
const bootsSchema = z.object({
  /** The launch template version that these boots used; null: nothing was launched yet. */
  template: z.string().nullable(),
  /** Boots in progress, by instance id; `sinceMs` is when a listing first showed the instance. */
  open: z.record(
    z.string(),
    z.object({
      token: z.string(),
      place: z.object(place),
      template: z.string(),
      sinceMs: unixMs,
    }),
  ),
  /** Client tokens of finished boots, by instance id, kept while their launch has other boots in progress. */
  closed: z.record(z.string(), z.string()),
  /** Recent failed boots, oldest first. */
  failed: z.array(
    z.object({
      instanceId: z.string(),
      atMs: unixMs,
      place: z.object(place),
      /** EC2's code, or the reason why no heartbeat arrived. */
      cause: z.string(),
      message: z.string(),
    }),
  ),
  /** The last good boot of each place, and the number of good boots without a pause of 10 min. */
  good: z.array(z.object({ place: z.object(place), atMs: unixMs, count: z.int().min(1) })),
});

/**
 * What the scaler must remember between a decision and its observed effect (F2, F4, F6). Maps are keyed by instance
 * id.
 */
export const fleetMemorySchema = z.object({
  /** The newest instruction to each instance, and when its tag was last set; null: not yet. */
  instructions: z.record(
    z.string(),
    z.object({
      kind: z.enum(['drain', 'resume']),
      id: z.string(),
      setAtMs: unixMs.nullable(),
    }),
  ),
  /** Launch intents. They count against MAX_WORKERS until a listing shows their instances. */
  intents: z.array(
    z.object({
      request: launchRequest,
      /** When the intent was first written; its age counts from then on, also under another leader. */
      writtenAtMs: unixMs,
      /** When the call in progress was written; null: no call is in progress. */
      sentAtMs: unixMs.nullable(),
      /** How many instances EC2 reports as launched; null: no response yet. */
      launched: z.int().min(0).nullable(),
      /** True: EC2 refused the launch or did not answer for too long. */
      refused: z.boolean(),
      /** Until when instances of finished calls may still appear in a listing; null: none may. */
      countedUntilMs: unixMs.nullable(),
    }),
  ),
  /** Instances to terminate, and why. These decisions are final. */
  terminates: z.record(z.string(), terminateReasonSchema),
  boots: bootsSchema,
  /** Since when an instance of this memory has been missing from the listings. */
  unlisted: z.record(z.string(), unixMs),
  /** How long instances have sent no heartbeat (F7), if 5 s or longer. */
  silentMs: z.record(z.string(), z.number()),
  /** When each fleet size was last needed, as the policy `deadline` counts it. */
  levels: z
    .array(
      z.object({
        neededAtMs: unixMs,
        steadyAtMs: unixMs.nullable(),
        idleGaps: z.array(z.number()).readonly(),
      }),
    )
    .readonly(),
});
export type FleetMemory = z.infer<typeof fleetMemorySchema>;

/** The lease on the fleet and its leader's memory: one object, changed only with `If-Match` (F1). */
export const fleetLeaseSchema = z.object({
  v: z.literal(1),
  /** The scaler that leads; null: released, so another scaler may acquire it at once. */
  leader: z.string().nullable(),
  /** Random for every write, so that a writer recognizes its own. */
  nonce: z.string(),
  /** Increases with every write. */
  seq: z.int().min(0),
  /**
   * When the lease was written, by the same clock as the times in its memory. A new leader uses it to convert them
   * to its own clock.
   */
  writtenAtMs: unixMs,
  /** How long the lease is valid after this write; absent in leases of earlier versions. */
  expiresMs: z.number().positive().optional(),
  memory: fleetMemorySchema,
});
export type FleetLease = z.infer<typeof fleetLeaseSchema>;

export const decodeFleetLease = (text: string): Decoded<FleetLease> =>
  decodeJson(fleetLeaseSchema, text);
export const encodeFleetLease = (lease: FleetLease): string => JSON.stringify(lease);
export const fleetLeaseCodec = { decode: decodeFleetLease, encode: encodeFleetLease };
