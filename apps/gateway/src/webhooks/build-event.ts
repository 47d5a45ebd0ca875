import type { WebhookMessage } from '@labelfleet/contracts';
import type { Prices } from '@labelfleet/scaling/cost';
import type { JobLooks } from '../jobs/look/job-looks.ts';
import { jobView } from '../jobs/look/job-view.ts';
import type { ResultStore } from '../replies/result-store.ts';
import { completedView } from '../routes/classification-view.ts';
import { batchPath } from '../batches/batch-view.ts';
import { isBatchCompleted, type BatchCompletionDeps } from './batch-completion.ts';

export interface EventDeps extends BatchCompletionDeps {
  jobLooks: Pick<JobLooks, 'find' | 'look' | 'forgetLook'>;
  prices: Prices;
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
  if (type === 'job.completed') return jobEvent(id, sentAt, deps);
  const isCompleted = await isBatchCompleted(id, deps);
  if (isCompleted === undefined)
    return { kind: 'failed', error: 'The state bucket has no such batch.' };
  if (!isCompleted) return { kind: 'not-yet' };
  const self = batchPath(deps.basePath, id);
  const batch = { id, status: 'completed', links: { self, results: `${self}/results` } };
  return event(type, sentAt.toISOString(), batch);
}

async function jobEvent(
  id: string,
  sentAt: Date,
  { jobLooks, prices, basePath }: EventDeps,
): Promise<BuiltEvent> {
  const job = await jobLooks.find(id);
  if (job === undefined) return { kind: 'failed', error: 'The state bucket has no such job.' };
  // The message is sent after the summary was stored (J5), but this process may have looked just before.
  jobLooks.forgetLook(job);
  const state = await jobLooks.look(job);
  if (state.summary === undefined)
    return { kind: 'failed', error: 'The job is not completed, or its summary is gone.' };
  const scope = { basePath, prices, fleet: undefined, now: sentAt.getTime() };
  return event('job.completed', state.summary.completedAt, jobView(state, scope));
}

const event = (type: string, timestamp: string, data: object): BuiltEvent => ({
  kind: 'event',
  body: JSON.stringify({ type, timestamp, data }),
});
