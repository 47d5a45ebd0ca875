import type { ObjectStore } from '@labelfleet/aws/store';
import { resultKey } from '@labelfleet/contracts';
import type { BatchStore } from '../batches/batch-store.ts';
import { requestIdsOf } from '../batches/follow-batch.ts';

const PAGE = 1000;

export interface BatchCompletionDeps {
  batches: Pick<BatchStore, 'find'>;
  output: Pick<ObjectStore, 'list'>;
}

/**
 * Whether every request of a batch has its result. Ids of one batch are close together in time, so one listing usually
 * has all results.
 * @returns undefined if there is no such batch
 */
export async function isBatchCompleted(
  batchId: string,
  { batches, output }: BatchCompletionDeps,
): Promise<boolean | undefined> {
  const batch = await batches.find(batchId);
  if (batch === undefined) return undefined;
  let completed = new Set<string>();
  for (const requestId of requestIdsOf(batch).sort()) {
    if (completed.has(resultKey(requestId))) continue;
    completed = new Set(await output.list('', PAGE, requestId));
    if (!completed.has(resultKey(requestId))) return false;
  }
  return true;
}
