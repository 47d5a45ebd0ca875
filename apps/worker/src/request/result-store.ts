import { readJson, writeJsonOnce, type ObjectStore } from '@labelfleet/aws/store';
import { resultKey, storedResultCodec, type StoredResult } from '@labelfleet/contracts';

/** The results of all requests, each written once (P2). */
export interface ResultStore {
  /** Null: the request has no result yet. */
  find(requestId: string): Promise<StoredResult | null>;
  /** Writes the result unless the request has one already. Resolves with the stored one. */
  storeOnce(result: StoredResult): Promise<StoredResult>;
}

export function createResultStore(bucket: Pick<ObjectStore, 'get' | 'put'>): ResultStore {
  return {
    async find(requestId) {
      const stored = await readJson(bucket, resultKey(requestId), storedResultCodec);
      return stored?.value ?? null;
    },
    storeOnce: (result) => writeJsonOnce(bucket, resultKey(result.id), result, storedResultCodec),
  };
}
