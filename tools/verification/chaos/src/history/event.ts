import * as z from 'zod';

const text = z.string();
const optionalText = text.optional().catch(undefined);
const optionalCount = z.int().optional().catch(undefined);

const role = z.enum(['gateway', 'worker', 'scaler', 'local-cloud']);
export type Role = z.infer<typeof role>;

/** What the answer for an image must say, by direct classification. */
const expectedSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('classified'),
    /** Best first, as many as an answer carries. */
    predictions: z.array(z.object({ label: text, score: z.number(), classIndex: z.int() })),
  }),
  /** Accepted, and failed with this problem. */
  z.object({ kind: z.literal('failed'), problem: text }),
  /** Refused with this problem. */
  z.object({ kind: z.literal('refused'), problem: text }),
]);
export type Expected = z.infer<typeof expectedSchema>;

/** A process of the product or of the local cloud; a worker's name is its instance id. */
const who = { role, name: text };

/** Faults that last until somebody is notified. */
export const OUTAGES = [
  'gateway stopped',
  'scalers stopped',
  'SQS unreachable',
  'S3 reads denied',
] as const;
export type Outage = (typeof OUTAGES)[number];

const how = z.enum(['post', 'get', 'cancel', 'results', 'events']);
export type How = z.infer<typeof how>;

const job = z.enum(['labelfleet-gateway', 'labelfleet-scaler', 'labelfleet-worker']);

/** The offer, the gateway that was called, and what was called. */
const exchange = { offer: text, via: text, how };

/** `status` and `body` of an answer: its JSON, an array for JSON lines. */
const answer = { status: z.int(), body: z.unknown() };

/** The step at which a process is held, and its request ids, launch or instances. */
const heldAt = { step: text, holding: z.array(text) };

const all = <Name extends string, Schema>(schema: Schema, ...names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name, schema])) as Record<Name, Schema>;

const ofRequests = ['requestId', 'instanceId', 'imageKey', 'status', 'label', 'problem'] as const;

/** The fields of log lines that the rules and the findings use. */
export const logFields = {
  level: text,
  event: optionalText,
  msg: text,
  ...all(optionalText, 'state', 'reason', 'worker', ...ofRequests),
  ...all(optionalCount, 'attempts', 'receiveCount'),
};

function event<Kind extends string, Fields extends z.ZodRawShape>(kind: Kind, fields: Fields) {
  /** Milliseconds since the epoch. All processes of a run share one machine, and so one clock. */
  const at = z.number();
  return z.object({ kind: z.literal(kind), at, ...fields });
}

/**
 * Everything that happened in a run, and at its end the objects of the buckets and the lines of the logs. One
 * event is one line of the history's file.
 */
export const eventSchema = z.discriminatedUnion('kind', [
  event('run', { seed: z.int(), maxWorkers: z.int(), minutes: z.number() }),
  /**
   * `load` and `calm` begin and end the faults; `quiet`: the product is idle; `outages` begins those; `stopping`: the
   * product is stopped.
   */
  event('phase', { name: z.enum(['load', 'calm', 'quiet', 'outages', 'stopping']) }),
  event('image', { image: text, expected: expectedSchema }),

  /**
   * A client sends one image, alone or in a batch. The offer's name is its file name, and alone its idempotency key.
   * `notify`: alone, and with a webhook receiver.
   */
  event('offered', { offer: text, image: text, caller: text, notify: z.boolean() }),
  event('answered', { ...exchange, ...answer }),
  /** A client sends a form with these offers in this order, or gathers their requests. */
  event('batched', {
    batch: text,
    caller: text,
    how: z.enum(['form', 'gather']),
    notify: z.boolean(),
    offers: z.array(text),
  }),
  event('batch-answered', { batch: text, via: text, how, ...answer }),
  /** The connection broke before an answer; the client repeats the call. `offer` may be a batch or a reader. */
  event('broken', { ...exchange, reason: text }),
  /** A client is about to cancel a request. */
  event('canceling', { offer: text, requestId: text }),

  /** A reader of a batch or an offer opened an event stream, `after` an event of an earlier one. */
  event('opened', { reader: text, of: text, via: text, after: text, status: z.int() }),
  /** `data` is the JSON of the event. */
  event('streamed', { reader: text, type: text, id: text, data: z.unknown() }),

  /** A webhook arrived. `status` is how it was answered; null: the connection was cut. */
  event('webhook', {
    id: text,
    signed: z.boolean(),
    status: z.int().nullable(),
    body: z.unknown(),
  }),

  /** An API key is no longer in the file. */
  event('revoked', { key: text }),
  /** A call about a request or batch of `owner`. `caller` and `key` are null without a key. */
  event('probed', {
    path: text,
    owner: text,
    caller: text.nullable(),
    key: text.nullable(),
    via: text,
    beganAt: z.number(),
    status: z.int(),
  }),

  event('started', { ...who, pid: z.int() }),
  /** `step` is null for a kill at any time. `late`: the call of the process takes effect after the kill. */
  event('killed', { ...who, pid: z.int(), ...heldAt, step: text.nullable(), late: z.boolean() }),
  /** SIGSTOP and SIGCONT: the process was silent for `forMs`. */
  event('stalled', { ...who, pid: z.int(), forMs: z.number() }),
  /** A call that took `forMs` before it had its effect. */
  event('delayed', { role, caller: text, ...heldAt, forMs: z.number() }),
  /** A process ended without a kill. `tooEarly`: it could not reach AWS while it started, and is started again. */
  event('ended', {
    ...who,
    code: z.int().nullable(),
    signal: text.nullable(),
    asked: z.boolean(),
    tooEarly: z.boolean(),
  }),
  /** One hit of a fault, from the local cloud's log. */
  event('fault', { fault: text, action: text, caller: text }),

  /** An outage of `forMs` begins. */
  event('outage', { outage: z.enum(OUTAGES), forMs: z.number() }),
  /** One scrape of each process, with the samples that the alerts use; `text` is null if it did not answer. */
  event('scraped', {
    scrapes: z.array(z.object({ job, instance: text, text: text.nullable() })),
  }),

  /** A listing that differs from the one before; `at` is when it was called. */
  event('fleet', {
    instances: z.array(z.object({ id: text, state: text, launchedAt: z.number() })),
  }),
  /** The lease, when it has changed. */
  event('lease', {
    leader: text.nullable(),
    intents: z.array(text),
    terminates: z.record(text, text),
  }),

  /** An object in a bucket at the end; bodies of images are left out. */
  event('stored', { bucket: z.enum(['input', 'output', 'state']), key: text, body: text }),
  /** A line of a process's log that carries an event or is an error. `msg` is for people only. */
  event('log', { ...who, ...logFields }),
  /** A message, instance or process that should not exist at the end. */
  event('left', { what: text }),
]);

export type HistoryEvent = z.infer<typeof eventSchema>;
export type EventOf<Kind extends HistoryEvent['kind']> = Extract<HistoryEvent, { kind: Kind }>;

/** An event without its time. */
export type Happening = {
  [K in HistoryEvent['kind']]: Omit<EventOf<K>, 'at'>;
}[HistoryEvent['kind']];

/** The circumstances of a kill. */
export type HowKilled = Pick<EventOf<'killed'>, 'step' | 'holding' | 'late'>;
export const ANYWHERE: HowKilled = { step: null, holding: [], late: false };

export const eventsOf = <Kind extends HistoryEvent['kind']>(
  kind: Kind,
  events: readonly HistoryEvent[],
) => events.filter((event): event is EventOf<Kind> => event.kind === kind);
