import { DEFAULT_TOP_K, MAX_TOP_K, type RequestOptions } from '@labelfleet/contracts';
import { DEADLINE_RANGE, parseDeadline } from '../accept/deadline.ts';
import { isIdempotencyKey } from '../accept/idempotency/idempotency-key.ts';
import type { IdempotencyKey } from '../accept/idempotency/idempotency-records.ts';
import { negotiate } from '../http/negotiate.ts';
import { parsePrefer, planWait, type PlannedWait } from '../http/prefer.ts';
import { refuse, type Refusal } from '../http/problem.ts';

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
    receivedAt,
    caller,
  }: {
    offered: readonly ResponseType[];
    replyTimeoutMs: number;
    receivedAt: number;
    caller: string | undefined;
  },
): ClassifyParameters | Refusal {
  const responseType = negotiate(request.header('accept'), offered);
  if (responseType === undefined) {
    return refuse(
      'not-acceptable',
      `This address offers ${offered.join(' or ')}. Send an Accept header that allows it.`,
    );
  }
  const topK = parseTopK(request.query('topK'));
  if (topK === undefined) {
    return refuse('invalid-parameter', `topK must be a whole number from 1 to ${MAX_TOP_K}.`);
  }
  const deadline = parseDeadline(request.header('x-deadline-seconds'), receivedAt);
  if (deadline === 'out-of-range') return refuse('invalid-parameter', DEADLINE_RANGE);
  const key = request.header('idempotency-key');
  if (key !== undefined && !isIdempotencyKey(key)) {
    return refuse(
      'invalid-parameter',
      'An Idempotency-Key must have 1 to 255 visible ASCII characters.',
    );
  }
  return {
    kind: 'parameters',
    responseType,
    options: {
      topK,
      ...(deadline !== undefined && { deadlineAt: deadline.toISOString() }),
      ...(caller !== undefined && { caller }),
    },
    wait: planWait(parsePrefer(request.header('prefer')), {
      defaultMs: replyTimeoutMs,
      maxMs: replyTimeoutMs,
    }),
    idempotencyKey: key === undefined ? undefined : { caller: caller ?? ANONYMOUS, key },
  };
}

/** @returns undefined if it is out of range */
function parseTopK(text: string | undefined): number | undefined {
  if (text === undefined) return DEFAULT_TOP_K;
  const topK = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  return topK >= 1 && topK <= MAX_TOP_K ? topK : undefined;
}
