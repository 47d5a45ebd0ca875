import { requestIdTime, type StoredResult } from '@labelfleet/contracts';
import type { Context, Handler } from 'hono';
import { acceptRequest, type Accepted, type AcceptParts } from '../accept/accept-request.ts';
import type { AwsHealth } from '../http/aws-health.ts';
import { classificationPath, queuedView, settledView } from './classification-view.ts';
import {
  refuseHopeless,
  refuseLate,
  settleAtDeadline,
  type DeadlineParts,
} from '../replies/deadline-watch.ts';
import type { Metrics } from '../metrics.ts';
import { problemResponse, refusalResponse, refuse, type Refusal } from '../http/problem.ts';
import type { GatewayEnv } from '../http/request-scope.ts';
import { retryAfter } from './retry-after.ts';
import { continueTrace } from '../http/traceparent.ts';
import type { ByteBudget } from '../upload/byte-budget.ts';
import { readUpload } from '../upload/read-upload.ts';
import { refuseUnready } from '../http/readiness.ts';
import { readOrder, type AnswerType, type Order } from './read-order.ts';

export interface ClassifyParts extends AcceptParts, DeadlineParts {
  health: AcceptParts['health'] & Pick<AwsHealth, 'troubles'>;
  budget: ByteBudget;
  metrics: AcceptParts['metrics'] & Pick<Metrics, 'uploads' | 'waits'>;
  results: AcceptParts['results'] & DeadlineParts['results'];
  limits: { maxImageBytes: number; replyTimeoutMs: number };
  randomBytes: (count: number) => Uint8Array;
}

type Taken = Extract<Accepted, { kind: 'accepted' }>;

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
    const order = readOrder(c.req, {
      offered,
      replyTimeoutMs: limits.replyTimeoutMs,
      receivedAt: requestIdTime(c.var.requestId).getTime(),
    });
    if (order.kind === 'refused') return refused(order);
    const accepted = await acceptImage(parts, c, order);
    switch (accepted.kind) {
      case 'refused':
        return refused(accepted);
      case 'broken-off':
        metrics.uploads.inc({ outcome: 'broken-off' });
        c.var.log.info('the client went away while it sent its image');
        return refusalResponse(
          refuse('missing-image', 'The upload was cut short.'),
          c.var.requestId,
        );
      case 'settled':
        metrics.uploads.inc({ outcome: 'replayed' });
        c.var.log.info('answered with the result of an earlier request');
        return asReplay(settledResponse(accepted.result, order));
      case 'accepted': {
        metrics.uploads.inc({ outcome: 'accepted' });
        const result = await awaitResult(parts, c, order, accepted);
        const response =
          result === undefined
            ? await queuedResponse(parts, c, accepted.fileName, order)
            : settledResponse(result, order);
        return accepted.repeats ? asReplay(response) : response;
      }
    }
  };
}

/** Reads the image and submits it. Its bytes are held, and counted, no longer than this takes. */
async function acceptImage(
  parts: ClassifyParts,
  c: Context<GatewayEnv>,
  { topK, deadline, idempotencyKey }: Order,
): Promise<Accepted | Refusal | { kind: 'broken-off' }> {
  const { requestId, body, log } = c.var;
  const unready = refuseUnready(parts.health.troubles);
  if (unready !== undefined) return unready;
  const hopeless = deadline && (await refuseHopeless(parts, deadline, log));
  if (hopeless !== undefined) return hopeless;
  using share = parts.budget.open();
  const length = c.req.header('content-length') ?? '';
  const upload = await readUpload(
    {
      body,
      contentType: c.req.header('content-type'),
      contentLength: /^\d+$/.test(length) ? Number(length) : undefined,
      contentEncoding: c.req.header('content-encoding'),
      transferEncoding: c.req.header('transfer-encoding'),
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
  const { signal } = c.req.raw;
  return await acceptRequest(parts, offer, idempotencyKey, { ...c.var, signal });
}

/** Waits as long as the caller does; undefined: nothing is settled by then. */
async function awaitResult(
  parts: ClassifyParts,
  c: Context<GatewayEnv>,
  { wait }: Order,
  { waiter: registered, fileName, deadline }: Taken,
): Promise<StoredResult | undefined> {
  const { requestId, log } = c.var;
  using waiter = registered;
  const endOfWait = parts.metrics.waits.startTimer();
  const untilDeadlineMs = deadline ? Math.max(0, deadline.getTime() - parts.unixMs()) : Infinity;
  const waited = await waiter.wait(Math.min(wait.waitMs, untilDeadlineMs), c.req.raw.signal);
  const atDeadline = waited.kind === 'ran-out' && untilDeadlineMs <= wait.waitMs;
  const ended = atDeadline ? 'deadline' : waited.kind;
  endOfWait({ ended });
  log.info({ ended }, 'answered');
  if (waited.kind === 'settled') return waited.result;
  return atDeadline && deadline !== undefined
    ? await settleAtDeadline(parts, { requestId, fileName, deadline }, log)
    : undefined;
}

function settledResponse(result: StoredResult, { answerType, wait: { headers } }: Order): Response {
  if (result.status === 'failed') return problemResponse(result.problem, headers);
  return answerType === 'text/plain'
    ? new Response(result.label, {
        headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
      })
    : Response.json(settledView(result), { headers });
}

function asReplay(response: Response): Response {
  response.headers.set('idempotency-replayed', 'true');
  return response;
}

async function queuedResponse(
  { fleet }: Pick<ClassifyParts, 'fleet'>,
  c: Context<GatewayEnv>,
  fileName: string | undefined,
  { wait }: Order,
): Promise<Response> {
  const { requestId, log } = c.var;
  const view = queuedView({ requestId, fileName, submittedAt: requestIdTime(requestId) });
  return Response.json(view, {
    status: 202,
    headers: {
      location: classificationPath(requestId),
      'retry-after': await retryAfter(fleet, log),
      'cache-control': 'no-store',
      ...wait.headers,
    },
  });
}
