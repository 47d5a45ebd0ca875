import { requestIdSchema } from '@labelfleet/contracts';
import type { Handler } from 'hono';
import { cacheableResponse } from '../http/cacheable.ts';
import { queuedView, completedView } from './classification-view.ts';
import type { FleetView } from './fleet-view.ts';
import type { ImageStore, QueuedImage } from '../accept/image-store.ts';
import { REPLY_EXPECTED_ELSEWHERE, type PendingReplies } from '../replies/pending-replies.ts';
import { parsePrefer, planWait } from '../http/prefer.ts';
import { refusalResponse, refuse } from '../http/problem.ts';
import type { GatewayEnv } from '../http/request-scope.ts';
import type { ResultStore } from '../replies/result-store.ts';
import { retryAfter } from './retry-after.ts';
import type { StoredResult } from '@labelfleet/contracts';

export interface ClassificationDeps {
  results: Pick<ResultStore, 'find'>;
  images: Pick<ImageStore, 'find'>;
  pending: Pick<PendingReplies, 'register'>;
  fleet: Pick<FleetView, 'latest'>;
  limits: { replyTimeoutMs: number };
}

/** Returns the state and result of a request from the store, so any gateway can serve it. */
export function readClassification(deps: ClassificationDeps): Handler<GatewayEnv> {
  return async (c) => {
    const { requestId, log } = c.var;
    const { basePath } = c.var.client;
    const id = c.req.param('id') ?? '';
    const notFound = refuse('not-found', 'No classification has this id.');
    if (!requestIdSchema.safeParse(id).success) return refusalResponse(notFound, requestId);
    const planned = planWait(parsePrefer(c.req.header('prefer')), {
      defaultMs: 0,
      maxMs: deps.limits.replyTimeoutMs,
    });
    const state = await readState(deps, id, planned.waitMs, c.req.raw.signal);
    if (state === undefined || !maySee(c.var.caller, state))
      return refusalResponse(notFound, requestId);
    if ('status' in state) {
      const headers = { 'content-type': 'application/json', ...planned.headers };
      const body = JSON.stringify(completedView(state, basePath));
      return cacheableResponse(body, headers, c.req.header('if-none-match'));
    }
    return c.json(queuedView(state, basePath), 200, {
      'cache-control': 'no-store',
      'retry-after': await retryAfter(deps.fleet, log),
      ...planned.headers,
    });
  };
}

async function readState(
  { results, images, pending }: ClassificationDeps,
  id: string,
  waitMs: number,
  signal: AbortSignal,
): Promise<StoredResult | QueuedImage | undefined> {
  // Registered before the first read, so that a reply between the read and the wait is not missed. The reply goes to
  // the gateway that accepted the image, which may be another one.
  using waiter = pending.register(id, REPLY_EXPECTED_ELSEWHERE);
  const result = await results.find(id);
  if (result !== undefined) return result;
  const queued = await images.find(id);
  if (queued === undefined || waitMs === 0) return queued;
  const waited = await waiter.wait(waitMs, signal);
  if (waited.kind === 'completed') return waited.result;
  return waited.kind === 'timed-out' ? ((await results.find(id)) ?? queued) : queued;
}

/** Each caller sees only its own requests. */
const maySee = (caller: string | undefined, state: StoredResult | QueuedImage): boolean =>
  caller === ('status' in state ? state : state.options).caller;
