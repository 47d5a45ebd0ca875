import type { Logger } from '@labelfleet/runtime';
import type { Metrics } from '../metrics.ts';
import type { ResultCosts } from '../limits/result-costs.ts';
import { repeat } from './repeat.ts';
import type { PendingReplies } from './pending-replies.ts';
import type { ResultStore } from './result-store.ts';

const EVERY_MS = 1_000;

interface OverdueWatchDeps {
  pending: Pick<PendingReplies, 'takeOverdue' | 'complete' | 'checkSoon'>;
  results: Pick<ResultStore, 'findMany'>;
  metrics: Pick<Metrics, 'foundInStore'>;
  costs: Pick<ResultCosts, 'count'>;
  log: Logger;
}

/** Reads results whose reply is overdue from the store (P11), until the signal is aborted. */
export const watchOverdue = (deps: OverdueWatchDeps, signal: AbortSignal): Promise<void> =>
  repeat(EVERY_MS, signal, () => checkOverdue(deps));

/** Checks every overdue request once. A failed check is logged, and repeated when the request is overdue again. */
export async function checkOverdue({
  pending,
  results,
  metrics,
  costs,
  log,
}: OverdueWatchDeps): Promise<void> {
  const overdue = pending.takeOverdue();
  const onFailure = (requestId: string | undefined, error: unknown) =>
    log.warn({ event: 'result.check-failed', requestId, error }, 'result check failed');
  try {
    const found = await results.findMany(overdue, onFailure);
    for (const result of found) {
      costs.count(result);
      if (pending.complete(result)) metrics.foundInStore.inc();
    }
    if (found.length > 0) pending.checkSoon();
  } catch (error) {
    onFailure(undefined, error);
  }
}
