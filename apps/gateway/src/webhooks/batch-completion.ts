import { readJson, type ObjectStore } from '@labelfleet/aws/store';
import { batchKey, decodeJson, requestIdSchema, resultKey } from '@labelfleet/contracts';
import * as z from 'zod';

/** An item that was refused on arrival has no request. */
const batchSchema = z.object({
  items: z.array(z.object({ requestId: requestIdSchema.optional() })),
});
const batchCodec = { decode: (text: string) => decodeJson(batchSchema, text) };

const PAGE = 1000;

export interface BatchBuckets {
  state: Pick<ObjectStore, 'get'>;
  output: Pick<ObjectStore, 'list'>;
}

/**
 * Whether every request of a batch has its result. Ids of one batch are close together in time, so one listing usually
 * has all results.
 * @returns undefined if there is no such batch
 */
export async function isBatchCompleted(
  batchId: string,
  { state, output }: BatchBuckets,
): Promise<boolean | undefined> {
  const batch = await readJson(state, batchKey(batchId), batchCodec);
  if (batch === undefined) return undefined;
  const awaited = batch.value.items.flatMap(({ requestId }) => requestId ?? []).sort();
  let completed = new Set<string>();
  for (const requestId of awaited) {
    if (completed.has(resultKey(requestId))) continue;
    completed = new Set(await output.list('', PAGE, requestId));
    if (!completed.has(resultKey(requestId))) return false;
  }
  return true;
}
