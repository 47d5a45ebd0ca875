import type { ObjectStore } from '@labelfleet/aws/store';
import { decodeStoredResult, resultKey, type StoredResult } from '@labelfleet/contracts';

/** The terminal results in the output bucket. */
export class ResultStore {
  readonly #bucket: Pick<ObjectStore, 'get'>;

  constructor(bucket: Pick<ObjectStore, 'get'>) {
    this.#bucket = bucket;
  }

  /**
   * @returns undefined while there is none
   * @throws when the store fails, or holds something else under that key
   */
  async find(requestId: string): Promise<StoredResult | undefined> {
    const object = await this.#bucket.get(resultKey(requestId));
    if (object === null) return undefined;
    const decoded = decodeStoredResult(new TextDecoder().decode(object.body));
    if (decoded.kind === 'malformed')
      throw new Error(`The stored result of ${requestId} is malformed: ${decoded.reason}`);
    return decoded.value;
  }
}
