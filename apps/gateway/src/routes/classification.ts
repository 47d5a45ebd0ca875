import { requestIdSchema, type StoredResult } from '@labelfleet/contracts';
import type { Context, Handler } from 'hono';
import { cacheableResponse } from '../http/cacheable.ts';
import { queuedView, completedView } from './classification-view.ts';
import { queueEstimate } from '../estimate/queue-estimate.ts';
import type { FleetView } from './fleet-view.ts';
import type { ImageStore, QueuedImage } from '../accept/image-store.ts';
import { REPLY_EXPECTED_ELSEWHERE, type PendingReplies } from '../replies/pending-replies.ts';
import { maySee, ownerOf } from '../http/may-see.ts';
import { parsePrefer, planWait } from '../http/prefer.ts';
import { refusalResponse, refuse } from '../http/problem.ts';
import type { GatewayEnv } from '../http/request-scope.ts';
import type { ResultStore } from '../replies/result-store.ts';
import { retryAfter } from './retry-after.ts';

export interface ClassificationDeps {
  results: Pick<ResultStore, 'find'>;
  images: Pick<ImageStore, 'find'>;
  pending: Pick<PendingReplies, 'register'>;
  fleet: Pick<FleetView, 'latest'>;
  limits: { replyTimeoutMs: number };
  /** Milliseconds since the epoch. */
  unixMs: () => number;
}

/** Returns the state and result of a request from the store, so any gateway can serve it. */
export function readClassification(deps: ClassificationDeps): Handler<GatewayEnv> {
  return async (c) => {
    const { log } = c.var;
    const { basePath } = c.var.client;
    const id = c.req.param('id') ?? '';
    if (!requestIdSchema.safeParse(id).success) return noClassification(c);
    const planned = planWait(parsePrefer(c.req.header('prefer')), {
      defaultMs: 0,
      maxMs: deps.limits.replyTimeoutMs,
    });
    const { signal } = c.req.raw;
    const state = await awaitState(deps, id, c.var.caller, planned.waitMs, signal);
    if (state === undefined) return noClassification(c);
    if ('status' in state) {
      const headers = { 'content-type': 'application/json', ...planned.headers };
      const body = JSON.stringify(completedView(state, basePath));
      return cacheableResponse(body, headers, c.req.header('if-none-match'));
    }
    const estimate = await queueEstimate(deps.fleet, state.submittedAt, deps.unixMs(), log);
    return c.json(queuedView(state, basePath, estimate), 200, {
      'cache-control': 'no-store',
      'retry-after': retryAfter(estimate),
      ...planned.headers,
    });
  };
}

export const noClassification = (c: Context<GatewayEnv>): Response =>
  refusalResponse(refuse('not-found', 'No classification has this id.'), c.var.requestId);

/** The state of a request. @returns undefined if it does not exist, or the caller may not see it */
export async function findClassification(
  { results, images }: Pick<ClassificationDeps, 'results' | 'images'>,
  id: string,
  caller: string | undefined,
): Promise<StoredResult | QueuedImage | undefined> {
  const state = (await results.find(id)) ?? (await images.find(id));
  return state !== undefined && maySee(caller, ownerOf(state)) ? state : undefined;
}

async function awaitState(
  deps: ClassificationDeps,
  id: string,
  caller: string | undefined,
  waitMs: number,
  signal: AbortSignal,
): Promise<StoredResult | QueuedImage | undefined> {
  // Registered before the first read, so that a reply between the read and the wait is not missed. The reply goes to
  // the gateway that accepted the image, which may be another one.
  using waiter = deps.pending.register(id, REPLY_EXPECTED_ELSEWHERE);
  const state = await findClassification(deps, id, caller);
  if (state === undefined || 'status' in state || waitMs === 0) return state;
  const waited = await waiter.wait(waitMs, signal);
  if (waited.kind === 'completed') return waited.result;
  return waited.kind === 'timed-out' ? ((await deps.results.find(id)) ?? state) : state;
}
