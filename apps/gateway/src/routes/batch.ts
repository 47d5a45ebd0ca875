import { requestIdSchema, type StoredBatch } from '@labelfleet/contracts';
import type { Context, Handler } from 'hono';
import type { BatchStore } from '../batches/batch-store.ts';
import {
  batchView,
  isCompleted,
  lastSubmission,
  resultLines,
  type BatchState,
} from '../batches/batch-view.ts';
import {
  awaitAll,
  followRequests,
  requestIdsOf,
  type FollowDeps,
} from '../batches/follow-batch.ts';
import { queueEstimate, type QueueEstimate } from '../estimate/queue-estimate.ts';
import { cacheableResponse } from '../http/cacheable.ts';
import { maySee } from '../http/may-see.ts';
import { parsePrefer, planWait, type PlannedWait } from '../http/prefer.ts';
import { refusalResponse, refuse } from '../http/problem.ts';
import type { GatewayEnv } from '../http/request-scope.ts';
import type { FleetView } from './fleet-view.ts';
import { retryAfter } from './retry-after.ts';

export interface BatchDeps extends FollowDeps {
  batches: Pick<BatchStore, 'find'>;
  fleet: Pick<FleetView, 'latest'>;
  limits: { replyTimeoutMs: number };
  unixMs: () => number;
}

/** The batch in the path, if it exists and the caller may see it. */
export async function findBatch(
  { batches }: Pick<BatchDeps, 'batches'>,
  c: Context<GatewayEnv>,
): Promise<StoredBatch | undefined> {
  const id = c.req.param('id') ?? '';
  if (!requestIdSchema.safeParse(id).success) return undefined;
  const batch = await batches.find(id);
  return batch !== undefined && maySee(c.var.caller, batch) ? batch : undefined;
}

export const noBatch = (c: Context<GatewayEnv>): Response =>
  refusalResponse(
    refuse('not-found', 'No batch has this id. It has one when its last image has arrived.'),
    c.var.requestId,
  );

/** Returns the state of a batch from the store, so any gateway can serve it. */
export const readBatch = (deps: BatchDeps): Handler<GatewayEnv> =>
  readWith(deps, (state, estimate) => ({
    body: JSON.stringify(batchView(state, estimate)),
    contentType: 'application/json',
  }));

/** Returns the completed images of a batch as JSON lines. */
export const readBatchResults = (deps: BatchDeps): Handler<GatewayEnv> =>
  readWith(deps, (state) => ({
    body: resultLines(state),
    contentType: 'application/jsonl',
  }));

function readWith(
  deps: BatchDeps,
  show: (
    state: BatchState,
    estimate: QueueEstimate | undefined,
  ) => { body: string; contentType: string },
): Handler<GatewayEnv> {
  return async (c) => {
    const batch = await findBatch(deps, c);
    if (batch === undefined) return noBatch(c);
    const planned = planWait(parsePrefer(c.req.header('prefer')), {
      defaultMs: 0,
      maxMs: deps.limits.replyTimeoutMs,
    });
    const read = await readState(deps, batch, planned, c.req.raw.signal);
    const state = { ...read, basePath: c.var.client.basePath };
    const estimate = isCompleted(state)
      ? undefined
      : await queueEstimate(deps.fleet, lastSubmission(state), deps.unixMs(), c.var.log);
    const { body, contentType } = show(state, estimate);
    const headers = { 'content-type': contentType, ...planned.headers };
    if (isCompleted(state)) return cacheableResponse(body, headers, c.req.header('if-none-match'));
    return c.body(body, 200, {
      ...headers,
      'cache-control': 'no-store',
      'retry-after': retryAfter(estimate),
    });
  };
}

async function readState(
  deps: FollowDeps,
  batch: StoredBatch,
  { waitMs }: PlannedWait,
  signal: AbortSignal,
): Promise<Pick<BatchState, 'batch' | 'results'>> {
  using followed = await followRequests(deps, requestIdsOf(batch));
  const { results } = await awaitAll(followed, waitMs, signal);
  return { batch, results };
}
