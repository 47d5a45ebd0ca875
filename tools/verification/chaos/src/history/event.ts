import * as z from 'zod';

/** Milliseconds since the epoch. All processes of a run share one machine, and so one clock. */
const at = z.number();

const role = z.enum(['gateway', 'worker', 'scaler', 'local-cloud']);
export type Role = z.infer<typeof role>;

/** What the answer for an image must say, by direct classification. */
const expectedSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('classified'),
    /** Best first, as many as an answer carries. */
    predictions: z.array(z.object({ label: z.string(), score: z.number(), classIndex: z.int() })),
  }),
  /** Accepted, and failed with this problem. */
  z.object({ kind: z.literal('failed'), problem: z.string() }),
  /** Refused with this problem. */
  z.object({ kind: z.literal('refused'), problem: z.string() }),
]);
export type Expected = z.infer<typeof expectedSchema>;

/** A process of the product or of the local cloud; a worker's name is its instance id. */
const who = { role, name: z.string() };

/** The offer, the gateway that was called, and the method. */
const exchange = { offer: z.string(), via: z.string(), how: z.enum(['post', 'get']) };

/** An instance in one listing. */
const instance = z.object({ id: z.string(), state: z.string(), launchedAt: z.number() });

/** The fields of log lines that the rules and the findings use. */
const logFields = {
  requestId: z.string().optional(),
  instanceId: z.string().optional(),
  imageKey: z.string().optional(),
  state: z.string().optional(),
  reason: z.string().optional(),
  status: z.string().optional(),
  label: z.string().optional(),
  problem: z.string().optional(),
  worker: z.string().optional(),
  attempts: z.int().optional(),
  receiveCount: z.int().optional(),
};

/**
 * Everything that happened in a run, and at its end the objects of the buckets and the lines of the logs. One
 * event is one line of the history's file.
 */
export const eventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('run'), at, seed: z.int(), maxWorkers: z.int(), minutes: z.number() }),
  /** `load` and `calm` begin and end the faults; `quiet`: the product is idle; `stopping`: it is stopped. */
  z.object({ kind: z.literal('phase'), at, name: z.enum(['load', 'calm', 'quiet', 'stopping']) }),
  z.object({ kind: z.literal('image'), at, image: z.string(), expected: expectedSchema }),

  /** A client sends one image. The offer's name is its idempotency key and its file name. */
  z.object({ kind: z.literal('offered'), at, offer: z.string(), image: z.string() }),
  /** `body` is the JSON of the answer. */
  z.object({ kind: z.literal('answered'), at, ...exchange, status: z.int(), body: z.unknown() }),
  /** The connection broke before an answer; the client repeats the call. */
  z.object({ kind: z.literal('broken'), at, ...exchange, reason: z.string() }),

  z.object({ kind: z.literal('started'), at, ...who, pid: z.int() }),
  z.object({
    kind: z.literal('killed'),
    at,
    ...who,
    pid: z.int(),
    /** The step at which the process was held; null: a kill at any time. */
    step: z.string().nullable(),
    /** Request ids, or the launch or instances of a fleet call. */
    holding: z.array(z.string()),
    /** True if its call takes effect after the kill. */
    late: z.boolean(),
  }),
  /** SIGSTOP and SIGCONT: the process was silent for `forMs`. */
  z.object({ kind: z.literal('stalled'), at, ...who, pid: z.int(), forMs: z.number() }),
  /** A call that took `forMs` before it had its effect. */
  z.object({
    kind: z.literal('delayed'),
    at,
    role,
    caller: z.string(),
    step: z.string(),
    holding: z.array(z.string()),
    forMs: z.number(),
  }),
  /** A process ended without a kill. */
  z.object({
    kind: z.literal('ended'),
    at,
    ...who,
    code: z.int().nullable(),
    signal: z.string().nullable(),
    asked: z.boolean(),
    /** It could not reach AWS while it started, and is started again. */
    tooEarly: z.boolean(),
  }),
  /** One hit of a fault, from the local cloud's log. */
  z.object({
    kind: z.literal('fault'),
    at,
    fault: z.string(),
    action: z.string(),
    caller: z.string(),
  }),

  /** A listing that differs from the one before; `at` is when it was called. */
  z.object({ kind: z.literal('fleet'), at, instances: z.array(instance) }),
  /** The lease, when it has changed. */
  z.object({
    kind: z.literal('lease'),
    at,
    leader: z.string().nullable(),
    intents: z.array(z.string()),
    terminates: z.record(z.string(), z.string()),
  }),

  /** An object in a bucket at the end; bodies of images are left out. */
  z.object({
    kind: z.literal('stored'),
    at,
    bucket: z.enum(['input', 'output', 'state']),
    key: z.string(),
    body: z.string(),
  }),
  /** A line of a process's log that carries an event or is an error. `msg` is for people only. */
  z.object({
    kind: z.literal('log'),
    at,
    ...who,
    level: z.string(),
    event: z.string().optional(),
    msg: z.string(),
    ...logFields,
  }),
  /** A message, instance or process that should not exist at the end. */
  z.object({ kind: z.literal('left'), at, what: z.string() }),
]);

export type HistoryEvent = z.infer<typeof eventSchema>;
export type EventOf<Kind extends HistoryEvent['kind']> = Extract<HistoryEvent, { kind: Kind }>;

/** An event without its time. */
export type Happening = {
  [K in HistoryEvent['kind']]: Omit<EventOf<K>, 'at'>;
}[HistoryEvent['kind']];
