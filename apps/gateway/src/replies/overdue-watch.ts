import type { Logger } from '@labelfleet/runtime';
import type { Metrics } from '../metrics.ts';
import { repeat } from './pause.ts';
import type { PendingReplies } from './pending-replies.ts';
import type { ResultStore } from './result-store.ts';

const EVERY_MS = 1_000;
/** Looks under way at once: a lost reply queue must not become a storm on the store. */
const LOOKS_AT_ONCE = 8;

interface OverdueWatchParts {
  pending: Pick<PendingReplies, 'takeOverdue' | 'settle'>;
  results: Pick<ResultStore, 'find'>;
  metrics: Pick<Metrics, 'foundInStore'>;
  log: Logger;
}

/** Looks into the store for results whose reply has not come (P11), until the signal is aborted. */
export const watchOverdue = (parts: OverdueWatchParts, signal: AbortSignal): Promise<void> =>
  repeat(EVERY_MS, signal, () => lookForOverdue(parts));

/** One round of looks. A look that fails is logged, and due again at its next time. */
export async function lookForOverdue({
  pending,
  results,
  metrics,
  log,
}: OverdueWatchParts): Promise<void> {
  const overdue = pending.takeOverdue().values();
  const lookAtTheRest = async () => {
    for (const requestId of overdue) {
      try {
        const result = await results.find(requestId);
        if (result !== undefined && pending.settle(result)) metrics.foundInStore.inc();
      } catch (error) {
        log.warn({ requestId, error }, 'the look for a result failed');
      }
    }
  };
  await Promise.all(Array.from({ length: LOOKS_AT_ONCE }, lookAtTheRest));
}
