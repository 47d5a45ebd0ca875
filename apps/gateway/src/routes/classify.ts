import type { Linger } from '@labelfleet/aws/queue';
import {
  makeProblem,
  requestIdTime,
  type RequestOptions,
  type StoredResult,
} from '@labelfleet/contracts';
import type { Context, Handler } from 'hono';
import {
  acceptRequest,
  type Accepted,
  type AcceptDeps,
  type IdentifiedOutcome,
} from '../accept/accept-request.ts';
import { deadlineOf } from '../accept/deadline.ts';
import type { AwsHealth } from '../http/aws-health.ts';
import { classificationPath, queuedView, completedView } from './classification-view.ts';
import {
  refuseUnmeetable,
  refuseExpired,
  completeAtDeadline,
  type DeadlineDeps,
} from '../replies/enforce-deadline.ts';
import { queueEstimate } from '../estimate/queue-estimate.ts';
import type { Metrics } from '../metrics.ts';
import { problemResponse, type Refusal } from '../http/problem.ts';
import type { GatewayEnv } from '../http/request-scope.ts';
import { refuseUpload, uploadDisconnected } from './refuse-upload.ts';
import { retryAfter } from './retry-after.ts';
import { traceparentOf } from '../http/request-trace.ts';
import { traceIdOf } from '../http/traceparent.ts';
import { admitRequest, type AdmitDeps } from '../limits/admit-request.ts';
import type { ByteBudget } from '../upload/byte-budget.ts';
import { uploadRequest } from '../http/upload-request.ts';
import { readImage } from '../accept/read-image.ts';
import type { FetchImageDeps } from '../accept/fetch-image.ts';
import { refuseUnready } from '../http/readiness.ts';
import {
  readParameters,
  type ClassifyParameters,
  type ReceiverNames,
  type ResponseType,
} from './read-parameters.ts';

export interface ClassifyDeps extends AcceptDeps, AdmitDeps, DeadlineDeps, FetchImageDeps {
  health: AcceptDeps['health'] & Pick<AwsHealth, 'outages'>;
  budget: ByteBudget;
  metrics: AcceptDeps['metrics'] & Pick<Metrics, 'uploads' | 'waits'>;
  idempotency: AcceptDeps['idempotency'] & AdmitDeps['idempotency'];
  results: AcceptDeps['results'] & DeadlineDeps['results'];
  limits: DeadlineDeps['limits'] & {
    maxImageBytes: number;
    replyTimeoutMs: number;
    minPrecision: number | undefined;
  };
  randomBytes: (count: number) => Uint8Array;
  /** Undefined if this gateway sends no webhooks. */
  receivers: ReceiverNames | undefined;
  linger: Pick<Linger, 'ms' | 'observe'>;
}

type AcceptedRequest = Extract<Accepted, { kind: 'accepted' }>;

/**
 * Accepts one image, and responds when it has its result or the wait is over.
 * @param offered the media types of the response; `text/plain` is the label alone
 */
export function classify(
  deps: ClassifyDeps,
  offered: readonly ResponseType[],
): Handler<GatewayEnv> {
  const { metrics, limits } = deps;
  return async (c) => {
    const { basePath } = c.var.client;
    const refused = (refusal: Refusal) => refuseUpload(metrics, c, refusal);
    const parameters = readParameters(c.req, {
      offered,
      ...limits,
      receivedAt: requestIdTime(c.var.requestId).getTime(),
      caller: c.var.caller,
      receivers: deps.receivers,
    });
    if (parameters.kind === 'refused') return refused(parameters);
    const unready = refuseUnready(deps.health.outages);
    if (unready !== undefined) return refused(unready);
    const admission = await admitRequest(deps, c.var.key, parameters.idempotencyKey);
    if (admission.kind === 'refused') return refused(admission);
    using admitted = admission;
    const { requestId, outcome } = await acceptImage(deps, c, parameters);
    // A repeat goes by the id of the request that it repeats, in its response and its log.
    c.set('requestId', requestId);
    c.set('log', c.var.logFor(requestId));
    switch (outcome.kind) {
      case 'refused':
        return refused(outcome);
      case 'disconnected':
        return uploadDisconnected(metrics, c, 'image');
      case 'completed':
        metrics.uploads.inc({ outcome: 'replayed' });
        return asReplay(c, completedResponse(outcome.result, parameters, basePath));
      case 'accepted': {
        metrics.uploads.inc({ outcome: 'accepted' });
        // A repeat was counted when it was new.
        if (!outcome.repeats) admitted.keep();
        const result = await awaitResult(deps, c, parameters, outcome);
        const response =
          result === undefined
            ? await queuedResponse(deps, c, outcome.options, parameters)
            : completedResponse(result, parameters, basePath);
        return outcome.repeats ? asReplay(c, response) : response;
      }
    }
  };
}

/** Reads the image and submits its request. The image's bytes are held, and count, only until then. */
async function acceptImage(
  deps: ClassifyDeps,
  c: Context<GatewayEnv>,
  { options, idempotencyKey }: ClassifyParameters,
): Promise<IdentifiedOutcome> {
  const deadline = deadlineOf(options);
  const { requestId, log, logFor } = c.var;
  const unmeetable = await refuseUnmeetable(deps, deadline, log);
  if (unmeetable !== undefined) return { requestId, outcome: unmeetable };
  using share = deps.budget.open();
  const upload = await readImage(deps, uploadRequest(c), share);
  if (upload.kind !== 'image') return { requestId, outcome: upload };
  const expired = deadline && refuseExpired(deps, deadline);
  if (expired !== undefined) return { requestId, outcome: expired };
  const traceparent = traceparentOf(c, deps.randomBytes);
  c.var.access.traceId = traceIdOf(traceparent);
  const { fileName } = upload;
  const request = {
    requestId,
    image: upload,
    options: { ...options, ...(fileName !== undefined && { fileName }) },
    traceparent,
  };
  // Awaited in this block, because its end gives the share of the bytes back.
  const { signal } = c.req.raw;
  return await acceptRequest(deps, request, idempotencyKey, { log, logFor, signal });
}

/** Waits as long as the caller does. @returns undefined if the request has no result by then */
async function awaitResult(
  deps: ClassifyDeps,
  c: Context<GatewayEnv>,
  { wait }: ClassifyParameters,
  { waiter: registered, options }: AcceptedRequest,
): Promise<StoredResult | undefined> {
  const { requestId, log, access } = c.var;
  using waiter = registered;
  const { deadlineAt } = options;
  const deadline = deadlineOf(options);
  const endOfWait = deps.metrics.waits.startTimer();
  const untilDeadlineMs = deadline ? Math.max(0, deadline.getTime() - deps.unixMs()) : Infinity;
  const beganAtMs = deps.monotonicMs();
  const waited = await waiter.wait(Math.min(wait.waitMs, untilDeadlineMs), c.req.raw.signal);
  const atDeadline = waited.kind === 'timed-out' && untilDeadlineMs <= wait.waitMs;
  const ended = atDeadline ? 'deadline' : waited.kind;
  endOfWait({ ended });
  access.waitEnded = ended;
  if (waited.kind === 'completed') {
    deps.linger.observe(deps.monotonicMs() - beganAtMs - deps.linger.ms - workMs(waited.result));
    return waited.result;
  }
  return atDeadline && deadlineAt !== undefined
    ? await completeAtDeadline(deps, requestId, { ...options, deadlineAt }, log)
    : undefined;
}

/** The part of the wait during which a worker had the image. */
function workMs(result: StoredResult): number {
  if (result.status !== 'succeeded') return 0;
  const { fetchMs, decodeMs, inferMs } = result.timings;
  return fetchMs + decodeMs + inferMs;
}

function completedResponse(
  result: StoredResult,
  { responseType, wait: { headers } }: ClassifyParameters,
  basePath: string,
): Response {
  if (result.status === 'failed') return problemResponse(result.problem, headers);
  if (responseType === 'application/json')
    return Response.json(completedView(result, basePath), { headers });
  return result.status === 'canceled'
    ? problemResponse(makeProblem('canceled', result.id, CANCELED), headers)
    : new Response(result.label ?? 'unknown', {
        headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
      });
}

const CANCELED = 'Somebody canceled this request before it was classified. Send the image again.';

function asReplay(c: Context<GatewayEnv>, response: Response): Response {
  c.var.access.replayed = true;
  response.headers.set('idempotency-replayed', 'true');
  return response;
}

async function queuedResponse(
  { fleet, unixMs }: Pick<ClassifyDeps, 'fleet' | 'unixMs'>,
  c: Context<GatewayEnv>,
  options: RequestOptions,
  { wait }: ClassifyParameters,
): Promise<Response> {
  const { requestId, log, client } = c.var;
  const { basePath } = client;
  const submittedAt = requestIdTime(requestId);
  const estimate = await queueEstimate(fleet, submittedAt, unixMs(), log);
  return Response.json(queuedView({ requestId, options, submittedAt }, basePath, estimate), {
    status: 202,
    headers: {
      location: classificationPath(basePath, requestId),
      'retry-after': retryAfter(estimate),
      'cache-control': 'no-store',
      ...wait.headers,
    },
  });
}
