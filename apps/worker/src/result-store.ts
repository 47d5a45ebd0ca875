import type { ObjectStore } from '@labelfleet/aws/store';
import {
  decodeStoredResult,
  encodeStoredResult,
  resultKey,
  type StoredResult,
} from '@labelfleet/contracts';

/** The terminal results, each written once (P2). */
export interface ResultStore {
  /** Null: the request has no terminal result yet. */
  find(requestId: string): Promise<StoredResult | null>;
  /** Writes the result unless another stands already. Resolves with the one that stands. */
  storeOnce(result: StoredResult): Promise<StoredResult>;
}

export function createResultStore(bucket: Pick<ObjectStore, 'get' | 'put'>): ResultStore {
  async function find(requestId: string): Promise<StoredResult | null> {
    const object = await bucket.get(resultKey(requestId));
    if (object === null) return null;
    const decoded = decodeStoredResult(new TextDecoder().decode(object.body));
    if (decoded.kind === 'decoded') return decoded.value;
    throw new Error(`the stored result ${resultKey(requestId)} is malformed: ${decoded.reason}`);
  }

  async function storeOnce(result: StoredResult): Promise<StoredResult> {
    const outcome = await bucket.put(resultKey(result.id), encodeStoredResult(result), {
      contentType: 'application/json',
      onlyIf: 'absent',
    });
    if (outcome.kind === 'stored') return result;
    const standing = await find(result.id);
    if (standing !== null) return standing;
    throw new Error(`the stored result ${resultKey(result.id)} was there and is gone`);
  }

  return { find, storeOnce };
}
