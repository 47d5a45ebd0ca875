import type { StoredBatch, StoredResult } from '@labelfleet/contracts';
import type { Logger } from '@labelfleet/runtime';
import {
  countsOf,
  isCompleted,
  itemView,
  lastSubmission,
  type BatchState,
} from '../batches/batch-view.ts';
import { followRequests, requestIdsOf, type FollowDeps } from '../batches/follow-batch.ts';
import { queueEstimate } from '../estimate/queue-estimate.ts';
import type { FleetView } from '../routes/fleet-view.ts';
import { eventText, PING, RETRY } from './event-stream.ts';
import type { IndexSet } from './index-set.ts';

export interface EventDeps extends FollowDeps {
  fleet: Pick<FleetView, 'latest'>;
  unixMs: () => number;
  monotonicMs: () => number;
}

/** What a stream is about. A single classification is a batch of one. */
export interface Followed {
  batch: StoredBatch;
  basePath: string;
  /** The data of the last event. */
  summary: (state: BatchState) => object;
}

const ESTIMATE_EVERY_MS = 5_000;
const PING_AFTER_MS = 15_000;
/** Events are sent together up to about this length. */
const LONG_TEXT = 32_768;

/**
 * The events of a batch from where the client left off, until it is completed or the signal is aborted.
 * @param delivered the items that the client knows; changed
 */
export async function* progressEvents(
  deps: EventDeps,
  { batch, basePath, summary }: Followed,
  delivered: IndexSet,
  { log, signal }: { log: Logger; signal: AbortSignal },
): AsyncGenerator<string> {
  yield RETRY;
  const { fleet, unixMs, monotonicMs } = deps;
  using followed = await followRequests(deps, requestIdsOf(batch));
  const results = new Map<string, StoredResult>();
  const state = { batch, results, basePath };
  let lastProgress = '';
  let sentAtMs = monotonicMs();
  for (;;) {
    for (const result of followed.take()) results.set(result.id, result);
    let text = '';
    for (const [index, item] of batch.items.entries()) {
      const isQueued = 'requestId' in item && !results.has(item.requestId);
      if (isQueued || delivered.has(index)) continue;
      delivered.add(index);
      text += eventText('completed', itemView(state, index), delivered.toString());
      if (text.length < LONG_TEXT) continue;
      yield text;
      text = '';
    }
    const isDone = isCompleted(state);
    const estimate = isDone
      ? undefined
      : await queueEstimate(fleet, lastSubmission(state), unixMs(), log);
    const progress = eventText('progress', { counts: countsOf(state), ...estimate });
    if (progress !== lastProgress) text += progress;
    lastProgress = progress;
    if (isDone) {
      yield text + eventText('done', summary(state));
      return;
    }
    const nowMs = monotonicMs();
    if (text === '' && nowMs - sentAtMs >= PING_AFTER_MS) text = PING;
    if (text !== '') {
      sentAtMs = nowMs;
      yield text;
    }
    if ((await followed.next(ESTIMATE_EVERY_MS, signal)) === 'ended') return;
  }
}
