import {
  requestOptionsSchema,
  type IdempotencyRecord,
  type RequestOptions,
  type StoredBatch,
} from '@labelfleet/contracts';
import { createHash } from 'node:crypto';
import { REUSED } from '../accept/accept-once.ts';
import type {
  IdempotencyKey,
  IdempotencyRecords,
} from '../accept/idempotency/idempotency-records.ts';
import type { Refusal } from '../http/problem.ts';
import type { BatchStore } from './batch-store.ts';

interface ClaimDeps {
  idempotency: Pick<IdempotencyRecords, 'claim'>;
  batches: Pick<BatchStore, 'find'>;
  unixMs: () => number;
}

/** The batch of an idempotency key. */
interface ClaimedBatch {
  kind: 'claimed';
  batchId: string;
  /** Those of the first request with the key. */
  options: RequestOptions;
  isRepeat: boolean;
  /** Set if an earlier request with the key has sent all images. */
  stored: StoredBatch | undefined;
}

/** No caller can send a key with a space, so keys of batches, of their images and of single images all differ. */
export const batchClaimKey = ({ caller, key }: IdempotencyKey) => ({ caller, key: `${key} batch` });

/** The key of one image of a batch: it leads to the same request in every repeat of the batch. */
export const imageClaimKey = ({ caller, key }: IdempotencyKey, index: number) => ({
  caller,
  key: `${key} ${index}`,
});

/**
 * Claims the batch id of an idempotency key (P10).
 * @param list the JSON list of the batch; undefined for a form, whose images are compared one by one
 */
export async function claimBatch(
  { idempotency, batches, unixMs }: ClaimDeps,
  key: IdempotencyKey,
  { batchId, options, list }: { batchId: string; options: RequestOptions; list: unknown },
): Promise<ClaimedBatch | Refusal> {
  const own: IdempotencyRecord = {
    v: 1,
    ...options,
    requestId: batchId,
    imageSha256: createHash('sha256')
      .update(JSON.stringify(list) ?? '')
      .digest('hex'),
    at: new Date(unixMs()).toISOString(),
  };
  const claim = await idempotency.claim(batchClaimKey(key), own);
  if (claim.kind === 'reused') return REUSED;
  const isRepeat = claim.kind === 'replay';
  const { requestId } = claim.record;
  return {
    kind: 'claimed',
    batchId: requestId,
    options: requestOptionsSchema.parse(claim.record),
    isRepeat,
    stored: isRepeat ? await batches.find(requestId) : undefined,
  };
}
