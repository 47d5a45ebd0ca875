import { writeOnce, type ObjectStore } from '@labelfleet/aws/store';
import {
  decodeStoredResult,
  encodeStoredResult,
  resultKey,
  type StoredResult,
} from '@labelfleet/contracts';

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
      const object = await bucket.get(resultKey(requestId));
      return object && decode(requestId, new TextDecoder().decode(object.body));
    },
    async storeOnce(result) {
      const text = await writeOnce(bucket, resultKey(result.id), encodeStoredResult(result));
      return decode(result.id, text);
    },
  };
}

function decode(requestId: string, text: string): StoredResult {
  const decoded = decodeStoredResult(text);
  if (decoded.kind === 'decoded') return decoded.value;
  throw new Error(`The stored result ${resultKey(requestId)} is malformed: ${decoded.reason}`);
}
