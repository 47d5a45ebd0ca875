import {
  requestIdTime,
  type BatchItem,
  type StoredBatch,
  type StoredResult,
} from '@labelfleet/contracts';
import type { QueueEstimate } from '../estimate/queue-estimate.ts';
import { completedView, queuedView } from '../routes/classification-view.ts';

/** A batch and the results it has so far, by request id. */
export interface BatchState {
  batch: StoredBatch;
  results: ReadonlyMap<string, StoredResult>;
  /** The path at which clients see the gateway's own `/`. */
  basePath: string;
}

type Status = 'queued' | StoredResult['status'];

export const batchPath = (basePath: string, batchId: string): string =>
  `${basePath}/v1/batches/${batchId}`;

const statusOf = (item: BatchItem, results: BatchState['results']): Status =>
  'problem' in item ? 'failed' : (results.get(item.requestId)?.status ?? 'queued');

export function countsOf({ batch, results }: Pick<BatchState, 'batch' | 'results'>) {
  const counts = { total: batch.items.length, queued: 0, succeeded: 0, failed: 0, canceled: 0 };
  for (const item of batch.items) counts[statusOf(item, results)] += 1;
  return counts;
}

export const isCompleted = (state: Pick<BatchState, 'batch' | 'results'>): boolean =>
  countsOf(state).queued === 0;

/** One image of a batch, as callers see it. */
export function itemView({ batch, results, basePath }: BatchState, index: number) {
  const item = batch.items[index];
  if (item === undefined) throw new RangeError(`The batch ${batch.id} has no item ${index}.`);
  const { customId, fileName } = item;
  const named = { index, ...(customId !== undefined && { customId }) };
  if ('problem' in item) {
    const { problem } = item;
    return { ...named, ...(fileName !== undefined && { fileName }), status: 'failed', problem };
  }
  const { requestId } = item;
  const result = results.get(requestId);
  if (result !== undefined) return { ...named, ...completedView(result, basePath) };
  const submittedAt = requestIdTime(requestId);
  return { ...named, ...queuedView({ requestId, submittedAt, options: { fileName } }, basePath) };
}

/** When the last of its queued images was submitted, for which the batch waits. Ids sort by their time. */
export function lastSubmission({ batch, results }: BatchState): Date {
  const queued = batch.items.flatMap((item) =>
    'requestId' in item && !results.has(item.requestId) ? [item.requestId] : [],
  );
  return requestIdTime(queued.toSorted().at(-1) ?? batch.id);
}

/** A batch without its images. */
export function batchSummary(state: BatchState, estimate?: QueueEstimate) {
  const { id } = state.batch;
  const self = batchPath(state.basePath, id);
  const counts = countsOf(state);
  const submittedAt = requestIdTime(id).toISOString();
  return {
    id,
    status: counts.queued > 0 ? 'running' : 'completed',
    submittedAt,
    ...(counts.queued > 0 ? estimate : { completedAt: lastCompletion(state) ?? submittedAt }),
    counts,
    links: { self, events: `${self}/events`, results: `${self}/results` },
  };
}

/** A batch, as callers see it. */
export function batchView(state: BatchState, estimate?: QueueEstimate) {
  const { links, ...summary } = batchSummary(state, estimate);
  const items = state.batch.items.map((_item, index) => itemView(state, index));
  return { ...summary, items, links };
}

/** The completed images, a line of JSON each. */
export const resultLines = (state: BatchState): string =>
  state.batch.items
    .flatMap((item, index) =>
      statusOf(item, state.results) === 'queued'
        ? []
        : [`${JSON.stringify(itemView(state, index))}\n`],
    )
    .join('');

const lastCompletion = ({ results }: BatchState): string | undefined =>
  [...results.values()]
    .map(({ completedAt }) => completedAt)
    .toSorted()
    .at(-1);
