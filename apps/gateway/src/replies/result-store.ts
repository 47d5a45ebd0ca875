import { readJson, writeJsonOnce, type ObjectStore } from '@labelfleet/aws/store';
import { resultKey, storedResultCodec, type StoredResult } from '@labelfleet/contracts';
import { searchCompleted } from './search-completed.ts';

type Bucket = Pick<ObjectStore, 'get' | 'put' | 'list'>;

/** Limits the load on the store. */
const MAX_CONCURRENT_READS = 8;
/** A result has some 1 to 2 KB. */
const CACHED_RESULTS = 2_000;

/** The results in the output bucket, each written once (P2). The last ones that were read are cached. */
export class ResultStore {
  readonly #bucket: Bucket;
  readonly #cache = new Map<string, StoredResult>();

  constructor(bucket: Bucket) {
    this.#bucket = bucket;
  }

  /**
   * @returns undefined while there is none
   * @throws when the store fails, or the object is no result
   */
  async find(requestId: string): Promise<StoredResult | undefined> {
    const cached = this.#cache.get(requestId);
    if (cached !== undefined) return cached;
    const result = (await readJson(this.#bucket, resultKey(requestId), storedResultCodec))?.value;
    if (result !== undefined) this.#keep(result);
    return result;
  }

  /**
   * Finds the results that exist of several requests.
   * @param onFailure called for each that cannot be read; by default the first failure rejects
   * @throws when they cannot be listed
   */
  async findMany(
    requestIds: readonly string[],
    onFailure: (requestId: string, error: unknown) => void = rethrow,
  ): Promise<StoredResult[]> {
    const found: StoredResult[] = [];
    const unknown = requestIds.filter((id) => {
      const cached = this.#cache.get(id);
      if (cached !== undefined) found.push(cached);
      return cached === undefined;
    });
    const list = (after: string, limit: number) => this.#bucket.list('', limit, after);
    const left = (await searchCompleted(unknown, list)).values();
    const readRest = async () => {
      for (const id of left) {
        try {
          const result = await this.find(id);
          if (result !== undefined) found.push(result);
        } catch (error) {
          onFailure(id, error);
        }
      }
    };
    await Promise.all(Array.from({ length: MAX_CONCURRENT_READS }, readRest));
    return found;
  }

  /** Writes the result unless the request has one. @returns the stored result */
  async storeOnce(result: StoredResult): Promise<StoredResult> {
    const stored = await writeJsonOnce(
      this.#bucket,
      resultKey(result.id),
      result,
      storedResultCodec,
    );
    this.#keep(stored);
    return stored;
  }

  #keep(result: StoredResult): void {
    this.#cache.set(result.id, result);
    const [oldest] = this.#cache.keys();
    if (this.#cache.size > CACHED_RESULTS && oldest !== undefined) this.#cache.delete(oldest);
  }
}

function rethrow(_requestId: string, error: unknown): never {
  throw error;
}
