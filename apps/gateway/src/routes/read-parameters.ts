import type { RequestOptions } from '@labelfleet/contracts';
import type { IdempotencyKey } from '../accept/idempotency/idempotency-records.ts';
import type * as z from 'zod';
import { negotiate } from '../http/negotiate.ts';
import { parsePrefer, planWait, type PlannedWait } from '../http/prefer.ts';
import { refuse, type Refusal } from '../http/problem.ts';
import { classifyHeaders, classifyQuery } from './parameters.ts';

export type ResponseType = 'text/plain' | 'application/json';

/** The parameters of a classification: everything a caller sends except the image. */
export interface ClassifyParameters {
  kind: 'parameters';
  responseType: ResponseType;
  /** All but the file name, which comes with the image. */
  options: RequestOptions;
  wait: PlannedWait;
  idempotencyKey: IdempotencyKey | undefined;
}

/** The webhook receivers by name. */
export interface ReceiverNames {
  readonly value: { has(name: string): boolean };
}

/**
 * The default wait of a caller who can follow a link. Load balancers and proxies answer a silent request themselves
 * after 60 s. A caller who expects the label as text cannot follow one, so it waits as long as the gateway allows.
 */
const WAIT_WITH_LINK_MS = 55_000;

/** Callers without an API key share their idempotency keys. */
const ANONYMOUS = '';

/**
 * Reads the query parameters and headers of a request; the first fault refuses it.
 * @param receivedAt Unix milliseconds; a deadline counts from then
 */
export function readParameters(
  request: {
    header: (name: string) => string | undefined;
    query: (name: string) => string | undefined;
  },
  {
    offered,
    replyTimeoutMs,
    minPrecision: defaultPrecision,
    receivedAt,
    caller,
    receivers,
  }: {
    offered: readonly ResponseType[];
    replyTimeoutMs: number;
    /** Applies to callers who demand no precision. */
    minPrecision: number | undefined;
    receivedAt: number;
    caller: string | undefined;
    receivers: ReceiverNames | undefined;
  },
): ClassifyParameters | Refusal {
  const responseType = negotiate(request.header('accept'), offered);
  if (responseType === undefined) {
    return refuse(
      'not-acceptable',
      `This address offers ${offered.join(' or ')}. Send an Accept header that allows it.`,
    );
  }
  const query = parse(classifyQuery, (name) => request.query(name));
  if ('code' in query) return query;
  const headers = parse(classifyHeaders, (name) => request.header(name));
  if ('code' in headers) return headers;
  const {
    Prefer,
    Notify: notify,
    'Idempotency-Key': key,
    'X-Deadline-Seconds': deadlineSeconds,
  } = headers.value;
  const unknownReceiver = refuseReceiver(notify, receivers);
  if (unknownReceiver !== undefined) return unknownReceiver;
  const { minPrecision = defaultPrecision, ...chosen } = query.value;
  return {
    kind: 'parameters',
    responseType,
    options: {
      ...chosen,
      ...(minPrecision !== undefined && { minPrecision }),
      ...(deadlineSeconds !== undefined && {
        deadlineAt: new Date(receivedAt + deadlineSeconds * 1000).toISOString(),
      }),
      ...(caller !== undefined && { caller }),
      ...(notify !== undefined && { notify }),
    },
    wait: planWait(parsePrefer(Prefer), {
      defaultMs: offered.includes('text/plain')
        ? replyTimeoutMs
        : Math.min(WAIT_WITH_LINK_MS, replyTimeoutMs),
      maxMs: replyTimeoutMs,
    }),
    idempotencyKey: idempotencyKeyOf(key, caller),
  };
}

/** @param notify the Notify header */
export function refuseReceiver(
  notify: string | undefined,
  receivers: ReceiverNames | undefined,
): Refusal | undefined {
  if (notify === undefined || receivers?.value.has(notify) === true) return undefined;
  return refuse(
    'invalid-parameter',
    receivers === undefined
      ? 'This gateway sends no webhooks, because WEBHOOKS_FILE is not set. Leave Notify out.'
      : 'Notify must be the name of a webhook receiver. The operator of the gateway knows the names.',
  );
}

/** @param key the Idempotency-Key header */
export const idempotencyKeyOf = (
  key: string | undefined,
  caller: string | undefined,
): IdempotencyKey | undefined =>
  key === undefined ? undefined : { caller: caller ?? ANONYMOUS, key };

/** Reads the parameters that a schema names. */
export function parse<T extends z.ZodObject>(
  schema: T,
  read: (name: string) => string | undefined,
): { value: z.output<T> } | Refusal {
  const texts = Object.keys(schema.shape).map((name) => [name, read(name)]);
  const parsed = schema.safeParse(Object.fromEntries(texts));
  if (parsed.success) return { value: parsed.data };
  const [issue] = parsed.error.issues;
  return refuse('invalid-parameter', `${String(issue?.path[0])} ${issue?.message}.`);
}
