import * as z from 'zod';
import { decodeJson, type Decoded } from '../decoded.ts';

/** The state of a worker. `drained`: it has no message and receives none. */
export const workerStateSchema = z.enum(['working', 'draining', 'drained']);
export type WorkerState = z.infer<typeof workerStateSchema>;

const heartbeatJobsSchema = z.object({
  /** Chunks that it works on. */
  openChunks: z.int().min(0),
  images: z.int().min(0),
  /** Seconds with an image of a job in a classifier process, of all processes together. */
  classifySeconds: z.number().min(0),
  /** How many classifier processes it has. */
  processes: z.int().min(1),
});
export type HeartbeatJobs = z.infer<typeof heartbeatJobsSchema>;

const heartbeatFields = {
  v: z.literal(1),
  instanceId: z.string().min(1),
  at: z.iso.datetime(),
  /** When the worker was first ready for work. The time since the launch is the boot time. */
  startedAt: z.iso.datetime().optional(),
  /** Name and version of its model. */
  model: z.string().optional(),
  /** SHA-256 of the model file, hex. */
  modelSha256: z.string().optional(),
  state: workerStateSchema,
  /** Id of the newest instruction that the worker has read; absent before the first (F5). */
  instructionId: z.string().optional(),
  /** Requests it can work on at the same time. */
  slots: z.int().min(1),
  /** Requests it is working on. */
  busySlots: z.int().min(0),
  /** How long the worker has had no request, counted after at least one empty poll; 0 while busy. */
  idleSeconds: z.number().min(0),
  /** Requests completed since the process started. */
  imagesCompleted: z.int().min(0),
  /** Seconds since the process started with at least one busy slot. */
  busySeconds: z.number().min(0),
  /** Seconds since the process started with all slots busy, and the requests completed in that time. */
  fullSeconds: z.number().min(0).optional(),
  completedWhileFull: z.int().min(0).optional(),
  /** Its work on jobs since the process started, which the fields above leave out. */
  jobs: heartbeatJobsSchema.optional(),
};

/**
 * The heartbeats of workers on the fleet-event queue. Each carries the worker's whole state, so a lost or repeated
 * one does no harm (F5), and a new scaler soon knows what the previous one knew. Workers of an earlier version omit
 * the optional fields.
 */
export const fleetEventSchema = z.discriminatedUnion('type', [
  z.object({ ...heartbeatFields, type: z.literal('started') }),
  z.object({ ...heartbeatFields, type: z.literal('heartbeat') }),
  z.object({ ...heartbeatFields, type: z.literal('draining') }),
  z.object({ ...heartbeatFields, type: z.literal('drained') }),
  z.object({
    ...heartbeatFields,
    type: z.literal('stopped'),
    reason: z.string(),
    /** True: the worker stopped because its attempts failed for one request after the other. */
    unhealthy: z.boolean().optional(),
  }),
]);
export type FleetEvent = z.infer<typeof fleetEventSchema>;

export const decodeFleetEvent = (text: string): Decoded<FleetEvent> =>
  decodeJson(fleetEventSchema, text);
export const encodeFleetEvent = (event: FleetEvent): string => JSON.stringify(event);

/**
 * A gateway refused requests because no worker could complete them in time. A refused request has no message on the
 * request queue, so the scaler knows this demand only from the event. Gateway id and time identify the event, so
 * that a redelivery is recognized.
 */
export const refusalEventSchema = z.object({
  v: z.literal(1),
  type: z.literal('refused'),
  gatewayId: z.string().min(1),
  at: z.iso.datetime(),
  /** Requests refused since the previous event of this gateway. */
  count: z.int().min(1),
  /** The longest Retry-After of these requests: their callers should have retried by then. */
  retryAfterSeconds: z.number().min(0),
});
export type RefusalEvent = z.infer<typeof refusalEventSchema>;

export const encodeRefusalEvent = (event: RefusalEvent): string => JSON.stringify(event);

/** A job was created or stopped: the scaler looks at the jobs at once. */
export const jobsChangedEventSchema = z.object({
  v: z.literal(1),
  type: z.literal('jobs-changed'),
  at: z.iso.datetime(),
});
export type JobsChangedEvent = z.infer<typeof jobsChangedEventSchema>;

export const encodeJobsChangedEvent = (event: JobsChangedEvent): string => JSON.stringify(event);

export type QueuedEvent = FleetEvent | RefusalEvent | JobsChangedEvent;

/** Decodes any message of the fleet-event queue. */
export const decodeQueuedEvent = (text: string): Decoded<QueuedEvent> =>
  decodeJson(
    z.discriminatedUnion('type', [
      ...fleetEventSchema.options,
      refusalEventSchema,
      jobsChangedEventSchema,
    ]),
    text,
  );
