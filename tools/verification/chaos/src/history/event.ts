import * as z from 'zod';

/** Milliseconds since the epoch. All processes of a run share one machine, and so one clock. */
const at = z.number();

const role = z.enum(['gateway', 'worker', 'scaler', 'local-cloud']);
export type Role = z.infer<typeof role>;

/** What is said of an image without any of the cloud: what its answer has to be. */
const expectedSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('classified'),
    /** Best first, as many as an answer carries. */
    predictions: z.array(z.object({ label: z.string(), score: z.number(), classIndex: z.int() })),
  }),
  /** Accepted, and failed with this problem. */
  z.object({ kind: z.literal('failed'), problem: z.string() }),
  /** Never accepted. */
  z.object({ kind: z.literal('refused'), problem: z.string() }),
]);
export type Expected = z.infer<typeof expectedSchema>;

/** A process of the product or of the local cloud; a worker's name is its instance id. */
const who = { role, name: z.string() };

/** Who asked whom: the offer, the gateway, and by which call. */
const exchange = { offer: z.string(), via: z.string(), how: z.enum(['post', 'get']) };

/** What is known of an instance from one listing. */
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
 * Everything that can be said of a run: what was done, what was seen, and in the end what lies in the
 * buckets and stands in the logs. One a line in the history's file.
 */
export const eventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('run'), at, seed: z.int(), maxWorkers: z.int(), minutes: z.number() }),
  /** `requests`: the load ends; `quiet`: all has come to rest; `stopping`: the product is stopped. */
  z.object({ kind: z.literal('phase'), at, name: z.enum(['load', 'calm', 'quiet', 'stopping']) }),
  z.object({ kind: z.literal('image'), at, image: z.string(), expected: expectedSchema }),

  /** A client has one image to classify. The offer's name is its idempotency key and its file name. */
  z.object({ kind: z.literal('offered'), at, offer: z.string(), image: z.string() }),
  /** `body` is the JSON of the answer. */
  z.object({ kind: z.literal('answered'), at, ...exchange, status: z.int(), body: z.unknown() }),
  /** No answer came: the client repeats it. */
  z.object({ kind: z.literal('broken'), at, ...exchange, reason: z.string() }),

  z.object({ kind: z.literal('started'), at, ...who, pid: z.int() }),
  z.object({
    kind: z.literal('killed'),
    at,
    ...who,
    pid: z.int(),
    /** The step at which it was caught; null: whatever it was doing. */
    step: z.string().nullable(),
    /** Request ids, or what the fleet call was about. */
    holding: z.array(z.string()),
    /** Whether the call that it was caught in still takes effect, later. */
    late: z.boolean(),
  }),
  /** Stopped and woken again: to all others it was silent. */
  z.object({ kind: z.literal('stalled'), at, ...who, pid: z.int(), forMs: z.number() }),
  /** A call of its was on the way for so long; then it had its effect. */
  z.object({
    kind: z.literal('delayed'),
    at,
    role,
    caller: z.string(),
    step: z.string(),
    holding: z.array(z.string()),
    forMs: z.number(),
  }),
  /** It has ended without being killed. */
  z.object({
    kind: z.literal('ended'),
    at,
    ...who,
    code: z.int().nullable(),
    signal: z.string().nullable(),
    asked: z.boolean(),
    /** It could not reach AWS as it started, and is started again. */
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

  /** A listing that differs from the one before; asked for at `at`. */
  z.object({ kind: z.literal('fleet'), at, instances: z.array(instance) }),
  /** What stands in the lease, where it differs from the last look. */
  z.object({
    kind: z.literal('lease'),
    at,
    leader: z.string().nullable(),
    intents: z.array(z.string()),
    terminates: z.record(z.string(), z.string()),
  }),

  /** An object as it lies in a bucket at the end. The bodies of images are left out. */
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
  /** What is still there at the end, and should not be. */
  z.object({ kind: z.literal('left'), at, what: z.string() }),
]);

export type HistoryEvent = z.infer<typeof eventSchema>;
export type EventOf<Kind extends HistoryEvent['kind']> = Extract<HistoryEvent, { kind: Kind }>;

/** An event before it has its time. */
export type Happening = {
  [K in HistoryEvent['kind']]: Omit<EventOf<K>, 'at'>;
}[HistoryEvent['kind']];
