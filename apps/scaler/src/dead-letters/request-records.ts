import { readJson, writeJsonOnce, type ObjectStore } from '@labelfleet/aws/store';
import {
  attemptRecordCodec,
  attemptRecordKey,
  NO_ATTEMPTS,
  resultKey,
  storedResultCodec,
  type AttemptRecord,
  type StoredResult,
} from '@labelfleet/contracts';

export interface Buckets {
  input: Pick<ObjectStore, 'head'>;
  output: Pick<ObjectStore, 'get' | 'put'>;
  state: Pick<ObjectStore, 'get'>;
}

/** Reads and writes the objects of one request in the buckets. */
export class RequestRecords {
  readonly #buckets: Buckets;

  constructor(buckets: Buckets) {
    this.#buckets = buckets;
  }

  /** Resolves with undefined if it has no result yet. */
  async result(requestId: string): Promise<StoredResult | undefined> {
    return (await readJson(this.#buckets.output, resultKey(requestId), storedResultCodec))?.value;
  }

  async attempts(requestId: string): Promise<AttemptRecord> {
    const key = attemptRecordKey(requestId);
    return (await readJson(this.#buckets.state, key, attemptRecordCodec))?.value ?? NO_ATTEMPTS;
  }

  async imageExists(imageKey: string): Promise<boolean> {
    return (await this.#buckets.input.head(imageKey)) !== null;
  }

  /** Writes the result unless there is one already (P2). Resolves with the stored one. */
  storeOnce(result: StoredResult): Promise<StoredResult> {
    return writeJsonOnce(this.#buckets.output, resultKey(result.id), result, storedResultCodec);
  }
}
