import { requestIdTime, type StoredResult } from '@labelfleet/contracts';
import type { Context, Handler } from 'hono';
import { acceptRequest, type Accepted, type AcceptDeps } from '../accept/accept-request.ts';
import type { AwsHealth } from '../http/aws-health.ts';
import { classificationPath, queuedView, completedView } from './classification-view.ts';
import {
  refuseUnmeetable,
  refuseExpired,
  completeAtDeadline,
  type DeadlineDeps,
} from '../replies/enforce-deadline.ts';
import type { Metrics } from '../metrics.ts';
import { problemResponse, refusalResponse, refuse, type Refusal } from '../http/problem.ts';
import type { GatewayEnv } from '../http/request-scope.ts';
import { retryAfter } from './retry-after.ts';
import { continueTrace } from '../http/traceparent.ts';
import type { ByteBudget } from '../upload/byte-budget.ts';
import { readUpload } from '../upload/read-upload.ts';
import { refuseUnready } from '../http/readiness.ts';
import { readParameters, type ResponseType, type ClassifyParameters } from './read-parameters.ts';

export interface ClassifyDeps extends AcceptDeps, DeadlineDeps {
  health: AcceptDeps['health'] & Pick<AwsHealth, 'outages'>;
  budget: ByteBudget;
  metrics: AcceptDeps['metrics'] & Pick<Metrics, 'uploads' | 'waits'>;
  results: AcceptDeps['results'] & DeadlineDeps['results'];
  limits: { maxImageBytes: number; replyTimeoutMs: number };
  randomBytes: (count: number) => Uint8Array;
}

type Taken = Extract<Accepted, { kind: 'accepted' }>;

/**
 * Takes one image, has it classified, and answers when the result is there or the wait is over.
 * @param offered the media types of the answer; `text/plain` is the label and nothing else
 */
export function classify(
  deps: ClassifyDeps,
  offered: readonly ResponseType[],
): Handler<GatewayEnv> {
  const { metrics, limits } = deps;
  return async (c) => {
    const refused = (refusal: Refusal) => {
      metrics.uploads.inc({ outcome: refusal.code });
      c.var.log.info({ problem: refusal.code, detail: refusal.detail }, 'refused');
      return refusalResponse(refusal, c.var.requestId);
    };
    const parameters = readParameters(c.req, {
      offered,
      replyTimeoutMs: limits.replyTimeoutMs,
      receivedAt: requestIdTime(c.var.requestId).getTime(),
    });
    if (parameters.kind === 'refused') return refused(parameters);
    const accepted = await acceptImage(deps, c, parameters);
    switch (accepted.kind) {
      case 'refused':
        return refused(accepted);
      case 'disconnected':
        metrics.uploads.inc({ outcome: 'disconnected' });
        c.var.log.info('the client went away while it sent its image');
        return refusalResponse(
          refuse('missing-image', 'The upload was cut short.'),
          c.var.requestId,
        );
      case 'completed':
        metrics.uploads.inc({ outcome: 'replayed' });
        c.var.log.info('answered with the result of an earlier request');
        return asReplay(completedResponse(accepted.result, parameters));
      case 'accepted': {
        metrics.uploads.inc({ outcome: 'accepted' });
        const result = await awaitResult(deps, c, parameters, accepted);
        const response =
          result === undefined
            ? await queuedResponse(deps, c, accepted.fileName, parameters)
            : completedResponse(result, parameters);
        return accepted.repeats ? asReplay(response) : response;
      }
    }
  };
}

/** Reads the image and submits it. Its bytes are held, and counted, no longer than this takes. */
async function acceptImage(
  deps: ClassifyDeps,
  c: Context<GatewayEnv>,
  { topK, deadline, idempotencyKey }: ClassifyParameters,
): Promise<Accepted | Refusal | { kind: 'disconnected' }> {
  const { requestId, body, log } = c.var;
  const unready = refuseUnready(deps.health.outages);
  if (unready !== undefined) return unready;
  const unmeetable = deadline && (await refuseUnmeetable(deps, deadline, log));
  if (unmeetable !== undefined) return unmeetable;
  using share = deps.budget.open();
  const length = c.req.header('content-length') ?? '';
  const upload = await readUpload(
    {
      body,
      contentType: c.req.header('content-type'),
      contentLength: /^\d+$/.test(length) ? Number(length) : undefined,
      contentEncoding: c.req.header('content-encoding'),
      transferEncoding: c.req.header('transfer-encoding'),
    },
    deps.limits,
    share,
  );
  if (upload.kind !== 'image') return upload;
  const late = deadline && refuseExpired(deps, deadline);
  if (late !== undefined) return late;
  const traceparent = continueTrace(c.req.header('traceparent'), deps.randomBytes(24));
  const offer = { requestId, upload, topK, deadline, traceparent };
  // Awaited here: the share of the bytes is given back at the end of this block.
  const { signal } = c.req.raw;
  return await acceptRequest(deps, offer, idempotencyKey, { ...c.var, signal });
}

/** Waits as long as the caller does; undefined: nothing is settled by then. */
async function awaitResult(
  deps: ClassifyDeps,
  c: Context<GatewayEnv>,
  { wait }: ClassifyParameters,
  { waiter: registered, fileName, deadline }: Taken,
): Promise<StoredResult | undefined> {
  const { requestId, log } = c.var;
  using waiter = registered;
  const endOfWait = deps.metrics.waits.startTimer();
  const untilDeadlineMs = deadline ? Math.max(0, deadline.getTime() - deps.unixMs()) : Infinity;
  const waited = await waiter.wait(Math.min(wait.waitMs, untilDeadlineMs), c.req.raw.signal);
  const atDeadline = waited.kind === 'timed-out' && untilDeadlineMs <= wait.waitMs;
  const ended = atDeadline ? 'deadline' : waited.kind;
  endOfWait({ ended });
  log.info({ ended }, 'answered');
  if (waited.kind === 'completed') return waited.result;
  return atDeadline && deadline !== undefined
    ? await completeAtDeadline(deps, { requestId, fileName, deadline }, log)
    : undefined;
}

function completedResponse(
  result: StoredResult,
  { responseType, wait: { headers } }: ClassifyParameters,
): Response {
  if (result.status === 'failed') return problemResponse(result.problem, headers);
  return responseType === 'text/plain'
    ? new Response(result.label, {
        headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
      })
    : Response.json(completedView(result), { headers });
}

function asReplay(response: Response): Response {
  response.headers.set('idempotency-replayed', 'true');
  return response;
}

async function queuedResponse(
  { fleet }: Pick<ClassifyDeps, 'fleet'>,
  c: Context<GatewayEnv>,
  fileName: string | undefined,
  { wait }: ClassifyParameters,
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
