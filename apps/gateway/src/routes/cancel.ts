import { canceledResult, requestIdSchema } from '@labelfleet/contracts';
import type { Handler } from 'hono';
import type { GatewayEnv } from '../http/request-scope.ts';
import type { PendingReplies } from '../replies/pending-replies.ts';
import type { ResultStore } from '../replies/result-store.ts';
import type { Outbox } from '../webhooks/outbox.ts';
import { findClassification, noClassification, type ClassificationDeps } from './classification.ts';
import { completedView } from './classification-view.ts';

export interface CancelDeps extends Pick<ClassificationDeps, 'images'> {
  results: Pick<ResultStore, 'find' | 'storeOnce'>;
  pending: Pick<PendingReplies, 'complete'>;
  outbox: Outbox;
  unixMs: () => number;
}

/** How long a body may take that nobody needs. */
const BODY_WITHIN_MS = 1_000;

/** Completes a queued request as canceled. A result that was stored before stays, and is the response. */
export const cancelClassification =
  (deps: CancelDeps): Handler<GatewayEnv> =>
  async (c) => {
    const { results, pending, outbox, unixMs } = deps;
    // The connection can be used again when the body was read.
    await c.var.body.discard(BODY_WITHIN_MS);
    const id = c.req.param('id') ?? '';
    const found = requestIdSchema.safeParse(id).success
      ? await findClassification(deps, id, c.var.caller)
      : undefined;
    if (found === undefined) return noClassification(c);
    if ('status' in found) return c.json(completedView(found, c.var.client.basePath));
    const { requestId, submittedAt, options } = found;
    const request = { ...options, requestId, submittedAt: submittedAt.toISOString() };
    const stored = await results.storeOnce(canceledResult(request, unixMs()));
    pending.complete(stored);
    const log = c.var.logFor(id);
    log.info({ event: 'request.canceled', status: stored.status }, 'cancel requested');
    await outbox.notify(request, log);
    return c.json(completedView(stored, c.var.client.basePath));
  };
