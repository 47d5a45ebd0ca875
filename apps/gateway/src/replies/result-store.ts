import { writeOnce, type ObjectStore } from '@labelfleet/aws/store';
import {
  decodeStoredResult,
  encodeStoredResult,
  resultKey,
  type StoredResult,
} from '@labelfleet/contracts';

/** The results in the output bucket, each written once (P2). */
export class ResultStore {
  readonly #bucket: Pick<ObjectStore, 'get' | 'put'>;

  constructor(bucket: Pick<ObjectStore, 'get' | 'put'>) {
    this.#bucket = bucket;
  }

  /**
   * @returns undefined while there is none
   * @throws when the store fails, or the object is no result
   */
  async find(requestId: string): Promise<StoredResult | undefined> {
    const object = await this.#bucket.get(resultKey(requestId));
    return object === null ? undefined : decode(requestId, new TextDecoder().decode(object.body));
  }

  /** Writes the result unless the request has one. @returns the stored result */
  async storeOnce(result: StoredResult): Promise<StoredResult> {
    const text = await writeOnce(this.#bucket, resultKey(result.id), encodeStoredResult(result));
    return decode(result.id, text);
  }
}

function decode(requestId: string, text: string): StoredResult {
  const decoded = decodeStoredResult(text);
  if (decoded.kind === 'decoded') return decoded.value;
  throw new Error(`The stored result of ${requestId} is malformed: ${decoded.reason}`);
}
