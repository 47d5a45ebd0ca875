import { requestIdTime, type StoredResult } from '@labelfleet/contracts';
import type { Context, Handler } from 'hono';
import { deadlineOf } from '../accept/deadline.ts';
import {
  batchPath,
  batchView,
  isCompleted,
  lastSubmission,
  type BatchState,
} from '../batches/batch-view.ts';
import { batchClaimKey } from '../batches/claim-batch.ts';
import { awaitAll } from '../batches/follow-batch.ts';
import { submitBatch, type SubmitBatchDeps, type SubmittedBatch } from '../batches/submit-batch.ts';
import { queueEstimate } from '../estimate/queue-estimate.ts';
import type { AwsHealth } from '../http/aws-health.ts';
import type { Refusal } from '../http/problem.ts';
import { refuseUnready } from '../http/readiness.ts';
import type { GatewayEnv } from '../http/request-scope.ts';
import { traceparentOf } from '../http/request-trace.ts';
import { traceIdOf } from '../http/traceparent.ts';
import { uploadRequest } from '../http/upload-request.ts';
import { admitRequest, type AdmitDeps } from '../limits/admit-request.ts';
import type { Metrics } from '../metrics.ts';
import {
  completeAtDeadline,
  refuseUnmeetable,
  type DeadlineDeps,
} from '../replies/enforce-deadline.ts';
import { readParameters, type ClassifyParameters, type ReceiverNames } from './read-parameters.ts';
import { refuseUpload, uploadDisconnected } from './refuse-upload.ts';
import { retryAfter } from './retry-after.ts';

export interface CreateBatchDeps extends SubmitBatchDeps, DeadlineDeps, AdmitDeps {
  idempotency: SubmitBatchDeps['idempotency'] & AdmitDeps['idempotency'];
  health: SubmitBatchDeps['health'] & Pick<AwsHealth, 'outages'>;
  metrics: SubmitBatchDeps['metrics'] & Pick<Metrics, 'waits'>;
  results: SubmitBatchDeps['results'] & DeadlineDeps['results'];
  limits: DeadlineDeps['limits'] & {
    maxImageBytes: number;
    replyTimeoutMs: number;
    minPrecision: number | undefined;
  };
  /** Undefined if this gateway sends no webhooks. */
  receivers: ReceiverNames | undefined;
}

/** Accepts several images as one batch, and responds when all have their results or the wait is over. */
export function createBatch(deps: CreateBatchDeps): Handler<GatewayEnv> {
  const { metrics, limits } = deps;
  return async (c) => {
    const refused = (refusal: Refusal) => refuseUpload(metrics, c, refusal);
    const parameters = readParameters(c.req, {
      offered: ['application/json'],
      ...limits,
      receivedAt: requestIdTime(c.var.requestId).getTime(),
      caller: c.var.caller,
      receivers: deps.receivers,
    });
    if (parameters.kind === 'refused') return refused(parameters);
    const { log, logFor, requestId } = c.var;
    const { options, idempotencyKey } = parameters;
    const deadline = deadlineOf(options);
    const unready = refuseUnready(deps.health.outages);
    if (unready !== undefined) return refused(unready);
    // A batch is let in whole: its later images are owed.
    const admission = await admitRequest(
      deps,
      c.var.key,
      idempotencyKey && batchClaimKey(idempotencyKey),
    );
    if (admission.kind === 'refused') return refused(admission);
    using admitted = admission;
    const traceparent = traceparentOf(c, deps.randomBytes);
    c.var.access.traceId = traceIdOf(traceparent);
    let accepted = 0;
    const request = {
      upload: uploadRequest(c),
      batchId: requestId,
      options,
      idempotencyKey,
      traceparent,
      refuseImages: () => refuseUnmeetable(deps, deadline, log),
      onAccepted: () => void (accepted += 1),
    };
    const scope = { log, logFor, signal: c.req.raw.signal };
    const submitted = await submitBatch(deps, request, scope).finally(() => {
      if (accepted > 0) admitted.keep(accepted);
    });
    switch (submitted.kind) {
      case 'refused':
        return refused(submitted);
      case 'disconnected':
        return uploadDisconnected(metrics, c, 'batch');
      case 'submitted':
        return respond(deps, c, parameters, submitted);
    }
  };
}

async function respond(
  deps: CreateBatchDeps,
  c: Context<GatewayEnv>,
  { wait }: ClassifyParameters,
  submitted: SubmittedBatch,
): Promise<Response> {
  const { batch, options, isRepeat } = submitted;
  using followed = submitted.followed;
  c.set('requestId', batch.id);
  c.set('log', c.var.logFor(batch.id));
  const { log } = c.var;
  log.info({ event: 'batch.accepted', images: batch.items.length, isRepeat }, 'batch accepted');
  const results = await awaitResults(deps, c, wait.waitMs, { batch, options, followed });
  const state = { batch, results, basePath: c.var.client.basePath };
  const headers = {
    ...wait.headers,
    ...(isRepeat && { 'idempotency-replayed': 'true' }),
  };
  if (isCompleted(state)) return Response.json(batchView(state), { headers });
  return runningResponse(deps, c, state, headers);
}

async function runningResponse(
  { fleet, unixMs }: Pick<CreateBatchDeps, 'fleet' | 'unixMs'>,
  { var: { log } }: Context<GatewayEnv>,
  state: BatchState,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const { id } = state.batch;
  const estimate = await queueEstimate(fleet, lastSubmission(state), unixMs(), log);
  return Response.json(batchView(state, estimate), {
    status: 202,
    headers: {
      location: batchPath(state.basePath, id),
      'retry-after': retryAfter(estimate),
      'cache-control': 'no-store',
      ...headers,
    },
  });
}

/** Waits as long as the caller does, and completes the rest if that is until the deadline. */
async function awaitResults(
  deps: CreateBatchDeps,
  c: Context<GatewayEnv>,
  waitMs: number,
  { batch, options, followed }: Pick<SubmittedBatch, 'batch' | 'options' | 'followed'>,
): Promise<Map<string, StoredResult>> {
  const { logFor, access } = c.var;
  const deadline = deadlineOf(options);
  const { deadlineAt } = options;
  const untilDeadlineMs = deadline ? Math.max(0, deadline.getTime() - deps.unixMs()) : Infinity;
  const endOfWait = deps.metrics.waits.startTimer();
  const { signal } = c.req.raw;
  const { results, ended } = await awaitAll(followed, Math.min(waitMs, untilDeadlineMs), signal);
  const atDeadline = ended === 'timed-out' && untilDeadlineMs <= waitMs;
  const how = ended === 'ended' ? (signal.aborted ? 'disconnected' : 'stopping') : ended;
  endOfWait({ ended: atDeadline ? 'deadline' : how });
  access.waitEnded = atDeadline ? 'deadline' : how;
  if (!atDeadline || deadlineAt === undefined) return results;
  const late = batch.items.flatMap((item) =>
    'requestId' in item && !results.has(item.requestId) ? [item] : [],
  );
  const completed = await Promise.all(
    late.map(({ requestId, fileName }) =>
      completeAtDeadline(
        deps,
        requestId,
        {
          ...options,
          batchId: batch.id,
          ...(fileName !== undefined && { fileName }),
          deadlineAt,
        },
        logFor(requestId),
      ),
    ),
  );
  for (const result of completed) if (result !== undefined) results.set(result.id, result);
  return results;
}
