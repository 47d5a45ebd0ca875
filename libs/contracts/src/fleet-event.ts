import * as z from 'zod';
import { decodeJson, type Decoded } from './decoded.ts';

/** What a worker is doing. `drained`: it holds no message and receives none. */
export const workerStateSchema = z.enum(['working', 'draining', 'drained']);
export type WorkerState = z.infer<typeof workerStateSchema>;

const report = {
  v: z.literal(1),
  instanceId: z.string().min(1),
  at: z.iso.datetime(),
  /** When it could first take work: with the launch, how long it took to boot. */
  startedAt: z.iso.datetime().optional(),
  /** Name and version of what it classifies with. */
  model: z.string().optional(),
  state: workerStateSchema,
  /** Id of the newest instruction the worker has read; absent before the first (F5). */
  instructionId: z.string().optional(),
  /** Images it can work on at once. */
  slots: z.int().min(1),
  /** Images it works on now. */
  busySlots: z.int().min(0),
  /** For how long no image has been here and at least one poll has come back empty; 0 while busy. */
  idleSeconds: z.number().min(0),
  /** Images settled since the process started. */
  imagesCompleted: z.int().min(0),
  /** Seconds since the process started during which at least one slot was busy. */
  busySeconds: z.number().min(0),
  /** Seconds since the process started during which every slot was busy, and images settled out of that. */
  fullSeconds: z.number().min(0).optional(),
  completedWhileFull: z.int().min(0).optional(),
};

/**
 * What workers report on the fleet-event queue. Every report carries the worker's whole state, so a lost
 * or doubled one does no harm (F5), and a scaler that starts soon knows what the one before it did. Workers of
 * an earlier version leave out what is optional.
 */
export const fleetEventSchema = z.discriminatedUnion('type', [
  z.object({ ...report, type: z.literal('started') }),
  z.object({ ...report, type: z.literal('heartbeat') }),
  z.object({ ...report, type: z.literal('draining') }),
  z.object({ ...report, type: z.literal('drained') }),
  z.object({
    ...report,
    type: z.literal('stopped'),
    reason: z.string(),
    /** True: it could answer nothing any more. */
    unhealthy: z.boolean().optional(),
  }),
]);
export type FleetEvent = z.infer<typeof fleetEventSchema>;

export const decodeFleetEvent = (text: string): Decoded<FleetEvent> =>
  decodeJson(fleetEventSchema, text);
export const encodeFleetEvent = (event: FleetEvent): string => JSON.stringify(event);

/**
 * A gateway refused requests because no worker could answer them in time. A refused request leaves no message
 * on the request queue, so this event is all that the scaler learns of that demand. Gateway id and time
 * together name the event, so that a second delivery is recognized.
 */
export const refusalEventSchema = z.object({
  v: z.literal(1),
  type: z.literal('refused'),
  gatewayId: z.string().min(1),
  at: z.iso.datetime(),
  /** Requests refused since this gateway's event before. */
  count: z.int().min(1),
  /** The longest Retry-After among them: their callers have come again by then. */
  retryAfterSeconds: z.number().min(0),
});
export type RefusalEvent = z.infer<typeof refusalEventSchema>;

export const encodeRefusalEvent = (event: RefusalEvent): string => JSON.stringify(event);

/** Everything that travels on the fleet-event queue. */
export const decodeQueuedEvent = (text: string): Decoded<FleetEvent | RefusalEvent> =>
  decodeJson(z.discriminatedUnion('type', [...fleetEventSchema.options, refusalEventSchema]), text);
