import { requestIdSchema, requestIdTime } from '@labelfleet/contracts';
import type { Context, Handler } from 'hono';
import { batchSummary, countsOf, type BatchState } from '../batches/batch-view.ts';
import { eventStream } from '../events/event-stream.ts';
import { IndexSet } from '../events/index-set.ts';
import { progressEvents, type EventDeps, type Followed } from '../events/progress-events.ts';
import { refusalResponse, refuse } from '../http/problem.ts';
import type { GatewayEnv } from '../http/request-scope.ts';
import { findBatch, noBatch, type BatchDeps } from './batch.ts';
import { findClassification, noClassification, type ClassificationDeps } from './classification.ts';
import { classificationPath } from './classification-view.ts';

export interface EventRouteDeps extends EventDeps {
  /** Aborted when the gateway begins to drain: clients resume at another one. */
  draining: AbortSignal;
}

/** Streams the progress of a batch. */
export const batchEvents =
  (deps: EventRouteDeps & Pick<BatchDeps, 'batches'>): Handler<GatewayEnv> =>
  async (c) => {
    const batch = await findBatch(deps, c);
    return batch === undefined
      ? noBatch(c)
      : respond(deps, c, { batch, basePath: c.var.client.basePath, summary: batchSummary });
  };

/** Streams the progress of one classification. */
export const classificationEvents =
  (deps: EventRouteDeps & Pick<ClassificationDeps, 'results' | 'images'>): Handler<GatewayEnv> =>
  async (c) => {
    const id = c.req.param('id') ?? '';
    const found = requestIdSchema.safeParse(id).success
      ? await findClassification(deps, id, c.var.caller)
      : undefined;
    if (found === undefined) return noClassification(c);
    const { fileName } = 'status' in found ? found : found.options;
    const item = { requestId: id, ...(fileName !== undefined && { fileName }) };
    return respond(deps, c, {
      batch: { v: 1, id, items: [item] },
      basePath: c.var.client.basePath,
      summary: summaryOfOne,
    });
  };

const summaryOfOne = (state: BatchState) => ({
  id: state.batch.id,
  status: 'completed',
  submittedAt: requestIdTime(state.batch.id).toISOString(),
  counts: countsOf(state),
  links: { self: classificationPath(state.basePath, state.batch.id) },
});

function respond(deps: EventRouteDeps, c: Context<GatewayEnv>, followed: Followed): Response {
  const { log, requestId } = c.var;
  const { items } = followed.batch;
  // A browser that comes back sends the header, and the address of its first request.
  const after = c.req.header('last-event-id') ?? c.req.query('after') ?? '';
  const delivered = IndexSet.parse(after, items.length);
  if (delivered === undefined)
    return refusalResponse(
      refuse('invalid-parameter', 'after and Last-Event-ID must be the id of an earlier event.'),
      requestId,
    );
  if (items.every((_item, index) => delivered.has(index))) return c.body(null, 204);
  return eventStream((left) =>
    progressEvents(deps, followed, delivered, {
      log,
      signal: AbortSignal.any([left, deps.draining, c.req.raw.signal]),
    }),
  );
}
