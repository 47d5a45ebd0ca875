import { DEFAULT_TOP_K, MAX_TOP_K, requestIdTime, type StoredResult } from '@labelfleet/contracts';
import type { Context, Handler } from 'hono';
import { acceptRequest, type Accepted, type AcceptParts } from '../accept-request.ts';
import { classificationPath, queuedView, settledView } from '../classification-view.ts';
import { isIdempotencyKey } from '../idempotency/idempotency-key.ts';
import type { IdempotencyKey } from '../idempotency/idempotency-records.ts';
import type { Metrics } from '../metrics.ts';
import { DEADLINE_RANGE, parseDeadline } from '../deadline.ts';
import {
  refuseHopeless,
  refuseLate,
  settleAtDeadline,
  type DeadlineParts,
} from '../deadline-watch.ts';
import { negotiate } from '../negotiate.ts';
import { parsePrefer, planWait } from '../prefer.ts';
import { problemResponse, refusalResponse, refuse, type Refusal } from '../problem.ts';
import type { GatewayEnv } from '../request-scope.ts';
import { retryAfter } from '../retry-after.ts';
import { continueTrace } from '../traceparent.ts';
import type { ByteBudget } from '../upload/byte-budget.ts';
import { readUpload } from '../upload/read-upload.ts';

export interface ClassifyParts extends AcceptParts, DeadlineParts {
  budget: ByteBudget;
  metrics: AcceptParts['metrics'] & Pick<Metrics, 'uploads' | 'waits'>;
  results: AcceptParts['results'] & DeadlineParts['results'];
  limits: { maxImageBytes: number; replyTimeoutMs: number };
  randomBytes: (count: number) => Uint8Array;
}

type AnswerType = 'text/plain' | 'application/json';

/** Until callers are told apart by API keys, all of them are one. */
const ANONYMOUS = '';

/**
 * Takes one image, has it classified, and answers when the result is there or the wait is over.
 * @param offered the media types of the answer; `text/plain` is the label and nothing else
 */
export function classify(
  parts: ClassifyParts,
  offered: readonly AnswerType[],
): Handler<GatewayEnv> {
  const { metrics, limits } = parts;
  return async (c) => {
    const refused = (refusal: Refusal) => {
      metrics.uploads.inc({ outcome: refusal.code });
      c.var.log.info({ problem: refusal.code, detail: refusal.detail }, 'refused');
      return refusalResponse(refusal, c.var.requestId);
    };
    const answerType = negotiate(c.req.header('accept'), offered);
    if (answerType === undefined)
      return refused(
        refuse('not-acceptable', `This address answers with ${offered.join(' or ')}.`),
      );
    const topK = parseTopK(c.req.query('topK'));
    if (topK === undefined)
      return refused(
        refuse('invalid-parameter', `topK must be a whole number from 1 to ${MAX_TOP_K}.`),
      );
    const deadline = parseDeadline(
      c.req.header('x-deadline-seconds'),
      requestIdTime(c.var.requestId).getTime(),
    );
    if (deadline === 'out-of-range') return refused(refuse('invalid-parameter', DEADLINE_RANGE));
    const hopeless = deadline && (await refuseHopeless(parts, deadline, c.var.log));
    if (hopeless !== undefined) return refused(hopeless);
    const planned = planWait(parsePrefer(c.req.header('prefer')), {
      defaultMs: limits.replyTimeoutMs,
      maxMs: limits.replyTimeoutMs,
    });

    const key = c.req.header('idempotency-key');
    if (key !== undefined && !isIdempotencyKey(key))
      return refused(
        refuse('invalid-parameter', 'An Idempotency-Key has 1 to 255 visible ASCII characters.'),
      );

    const accepted = await acceptImage(parts, c, {
      topK,
      deadline,
      key: key === undefined ? undefined : { caller: ANONYMOUS, key },
    });
    const { requestId, log } = c.var;
    if (accepted.kind === 'refused') return refused(accepted);
    if (accepted.kind === 'broken-off') {
      metrics.uploads.inc({ outcome: 'broken-off' });
      log.info('the client went away while it sent its image');
      const refusal = refuse('missing-image', 'The upload was cut short.');
      return refusalResponse(refusal, c.var.requestId);
    }
    if (accepted.kind === 'settled') {
      metrics.uploads.inc({ outcome: 'replayed' });
      log.info('answered with the result of an earlier request');
      return settledResponse(accepted.result, answerType, planned.headers);
    }
    metrics.uploads.inc({ outcome: 'accepted' });

    using waiter = accepted.waiter;
    const { fileName, deadline: due } = accepted;
    const endOfWait = metrics.waits.startTimer();
    const untilDeadlineMs = due ? Math.max(0, due.getTime() - parts.unixMs()) : Infinity;
    const waited = await waiter.wait(Math.min(planned.waitMs, untilDeadlineMs), c.req.raw.signal);
    const isDeadline = waited.kind === 'ran-out' && untilDeadlineMs <= planned.waitMs;
    const ended = isDeadline ? 'deadline' : waited.kind;
    endOfWait({ ended });
    log.info({ ended }, 'answered');
    const result =
      waited.kind === 'settled'
        ? waited.result
        : isDeadline && due
          ? await settleAtDeadline(parts, { requestId, fileName, deadline: due }, log)
          : undefined;
    return result === undefined
      ? queuedResponse(parts, c, fileName, planned.headers)
      : settledResponse(result, answerType, planned.headers);
  };
}

interface Wanted {
  topK: number;
  deadline: Date | undefined;
  key: IdempotencyKey | undefined;
}

/** Reads the image and submits it. Its bytes are held, and counted, no longer than this takes. */
async function acceptImage(
  parts: ClassifyParts,
  c: Context<GatewayEnv>,
  { topK, deadline, key }: Wanted,
): Promise<Accepted | Refusal | { kind: 'broken-off' }> {
  const { requestId, body } = c.var;
  using share = parts.budget.open();
  const length = c.req.header('content-length') ?? '';
  const upload = await readUpload(
    {
      body,
      contentType: c.req.header('content-type'),
      contentLength: /^\d+$/.test(length) ? Number(length) : undefined,
    },
    parts.limits,
    share,
  );
  if (upload.kind !== 'image') return upload;
  const late = deadline && refuseLate(parts, deadline);
  if (late !== undefined) return late;
  const traceparent = continueTrace(c.req.header('traceparent'), parts.randomBytes(24));
  const offer = { requestId, upload, topK, deadline, traceparent };
  // Awaited here: the share of the bytes is given back at the end of this block.
  return await acceptRequest(parts, offer, key, c.var);
}

/** Undefined: out of range. */
function parseTopK(text: string | undefined): number | undefined {
  if (text === undefined) return DEFAULT_TOP_K;
  const topK = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  return topK >= 1 && topK <= MAX_TOP_K ? topK : undefined;
}

function settledResponse(
  result: StoredResult,
  answerType: AnswerType,
  headers: Readonly<Record<string, string>>,
): Response {
  if (result.status === 'failed') return problemResponse(result.problem, headers);
  return answerType === 'text/plain'
    ? new Response(result.label, {
        headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
      })
    : Response.json(settledView(result), { headers });
}

async function queuedResponse(
  { fleet }: Pick<ClassifyParts, 'fleet'>,
  c: Context<GatewayEnv>,
  fileName: string | undefined,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const { requestId, log } = c.var;
  const view = queuedView({ requestId, fileName, submittedAt: requestIdTime(requestId) });
  return Response.json(view, {
    status: 202,
    headers: {
      location: classificationPath(requestId),
      'retry-after': await retryAfter(fleet, log),
      'cache-control': 'no-store',
      ...headers,
    },
  });
}
