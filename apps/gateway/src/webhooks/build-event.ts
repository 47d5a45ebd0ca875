import type { WebhookMessage } from '@labelfleet/contracts';
import type { ResultStore } from '../replies/result-store.ts';
import { completedView } from '../routes/classification-view.ts';
import { batchPath } from '../batches/batch-view.ts';
import { isBatchCompleted, type BatchCompletionDeps } from './batch-completion.ts';

export interface EventDeps extends BatchCompletionDeps {
  results: Pick<ResultStore, 'find'>;
  /** The path of PUBLIC_URL: a webhook answers no request that could name another. */
  basePath: string;
}

/** The body of a webhook, as JSON. `not-yet`: requests of the batch have no result; another message will follow. */
export type BuiltEvent =
  { kind: 'event'; body: string } | { kind: 'not-yet' } | { kind: 'failed'; error: string };

/** @param sentAt when the message was sent: right after the result was stored */
export async function buildEvent(
  { type, id }: WebhookMessage,
  sentAt: Date,
  deps: EventDeps,
): Promise<BuiltEvent> {
  if (type === 'classification.completed') {
    const result = await deps.results.find(id);
    if (result === undefined) return { kind: 'failed', error: 'The output bucket has no result.' };
    return event(type, result.completedAt, completedView(result, deps.basePath));
  }
  const isCompleted = await isBatchCompleted(id, deps);
  if (isCompleted === undefined)
    return { kind: 'failed', error: 'The state bucket has no such batch.' };
  if (!isCompleted) return { kind: 'not-yet' };
  const self = batchPath(deps.basePath, id);
  const batch = { id, status: 'completed', links: { self, results: `${self}/results` } };
  return event(type, sentAt.toISOString(), batch);
}

const event = (type: string, timestamp: string, data: object): BuiltEvent => ({
  kind: 'event',
  body: JSON.stringify({ type, timestamp, data }),
});
