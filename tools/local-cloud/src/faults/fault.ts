import * as z from 'zod';

import { LAUNCH_FAILURES } from '../ec2/instances/end-reasons.ts';
import { durationShape, seconds } from './duration.ts';

/** Which of the matching occasions a fault fires on; the default is all. */
const selectionShape = {
  /** The id of the fault. Default: a generated one. */
  id: z
    .string()
    .regex(/^(?!(log|held|clear)$)[\w.-]{1,64}$/, 'must be letters, digits, _ . or -')
    .optional(),
  /** It fires on each occasion with this probability. */
  probability: z.number().gt(0).max(1).optional(),
  /** The seed of its random numbers. Default: a random one, which the list of faults shows. */
  seed: z.int().min(0).max(0xffff_ffff).optional(),
  /** It fires on every nth occasion: with 3, on the 3rd, 6th, 9th … */
  every: z.int().min(1).optional(),
  /** The maximum number of times that it fires. */
  count: z.int().min(1).optional(),
  expiresInSeconds: z.number().gt(0).max(86_400).optional(),
};

/** A name in which `*` matches any text. */
const pattern = z.string().min(1).max(1024);

const matching = <Name extends string>(...names: Name[]) =>
  z.partialRecord(z.enum(names), pattern).default({});

/** Names of API actions, such as `SendMessage`, `sqs:SendMessage`, `sqs:*` or `*`. */
const actions = (...preset: string[]) =>
  z
    .union([pattern.transform((one) => [one]), z.array(pattern).min(1)])
    .default(preset)
    .transform((names) => names.map((name) => (name.includes(':') ? name : `*:${name}`)));

const onCall = {
  action: actions('*'),
  match: matching('queue', 'bucket', 'key', 'instance', 'clientToken', 'body', 'caller'),
};
const onInstance = {
  match: matching('image', 'instanceType', 'subnet', 'zone', 'market'),
};
const errorCode = z.string().regex(/^[\w.]{1,100}$/, 'must be an error code');
const errorShape = {
  /** The error code. Default: the service's code for the status. */
  code: errorCode.optional(),
  status: z.int().min(400).max(599).default(500),
  message: z.string().max(1000).default('This error was asked for (/_local/faults).'),
};

const faults = z.discriminatedUnion('kind', [
  fault('error', { ...onCall, ...errorShape }),
  fault('throttle', onCall),
  fault('latency', { ...onCall, ...durationShape }),
  fault('cut-connection', onCall),
  fault('lost-reply', onCall),
  fault('hold', {
    ...onCall,
    when: z.enum(['before', 'after']).default('before'),
    /** The maximum time. */
    seconds: seconds.default(60),
  }),
  fault('batch-entry-error', { ...onCall, ...errorShape }),
  fault('duplicate-delivery', {
    match: matching('queue', 'caller'),
    afterSeconds: seconds.default(0),
  }),
  fault('capacity', {
    ...onInstance,
    /** The maximum number of instances that a launch gets. */
    available: z.int().min(0).max(1000).default(0),
    code: errorCode.default('InsufficientInstanceCapacity'),
  }),
  fault('boot-delay', { ...onInstance, ...durationShape }),
  fault('boot-failure', {
    ...onInstance,
    code: z.enum(LAUNCH_FAILURES).default('Server.InternalError'),
  }),
  fault('spot-notice', {
    match: matching('image', 'instanceType', 'subnet', 'zone', 'market', 'instance'),
    /** Counted from the start of the instance, or from now if it runs. */
    afterSeconds: seconds.default(0),
    noticeSeconds: seconds.default(120),
  }),
  fault('stale-describe', {
    action: actions('ec2:Describe*'),
    match: matching('instance', 'caller'),
    seconds,
  }),
]);

function fault<Kind extends string, S extends z.ZodRawShape>(kind: Kind, shape: S) {
  return z.strictObject({ kind: z.literal(kind), ...selectionShape, ...shape });
}

export const kinds = faults.options.map(({ shape }) => shape.kind.value);

export type Fault = z.output<typeof faults>;
export type FaultKind = Fault['kind'];

/** Parses a fault; `wrong` has one line per mistake. */
export function parseFault(input: unknown): { fault: Fault } | { wrong: string } {
  const parsed = faults.safeParse(input);
  if (!parsed.success) return { wrong: z.prettifyError(parsed.error) };
  return parsed.data.probability !== undefined && parsed.data.every !== undefined
    ? { wrong: 'probability and every exclude each other' }
    : { fault: parsed.data };
}
