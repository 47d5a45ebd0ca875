import { readJson, writeJsonOnce, type ObjectStore } from '@labelfleet/aws/store';
import { resultKey, storedResultCodec, type StoredResult } from '@labelfleet/contracts';

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
    return (await readJson(this.#bucket, resultKey(requestId), storedResultCodec))?.value;
  }

  /** Writes the result unless the request has one. @returns the stored result */
  storeOnce(result: StoredResult): Promise<StoredResult> {
    return writeJsonOnce(this.#bucket, resultKey(result.id), result, storedResultCodec);
  }
}
