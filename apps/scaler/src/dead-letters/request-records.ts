import { writeOnce, type ObjectStore } from '@labelfleet/aws/store';
import {
  attemptRecordKey,
  decodeAttemptRecord,
  decodeStoredResult,
  encodeStoredResult,
  NO_ATTEMPTS,
  resultKey,
  type AttemptRecord,
  type Decoded,
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
    const text = await read(this.#buckets.output, resultKey(requestId));
    return text === undefined ? undefined : valid(decodeStoredResult(text), resultKey(requestId));
  }

  async attempts(requestId: string): Promise<AttemptRecord> {
    const key = attemptRecordKey(requestId);
    const text = await read(this.#buckets.state, key);
    return text === undefined ? NO_ATTEMPTS : valid(decodeAttemptRecord(text), key);
  }

  async imageExists(imageKey: string): Promise<boolean> {
    return (await this.#buckets.input.head(imageKey)) !== null;
  }

  /** Writes the result unless there is one already (P2). Resolves with the stored one. */
  async storeOnce(result: StoredResult): Promise<StoredResult> {
    const key = resultKey(result.id);
    const text = await writeOnce(this.#buckets.output, key, encodeStoredResult(result));
    return valid(decodeStoredResult(text), key);
  }
}

async function read(bucket: Pick<ObjectStore, 'get'>, key: string): Promise<string | undefined> {
  const object = await bucket.get(key);
  return object === null ? undefined : new TextDecoder().decode(object.body);
}

function valid<T>(decoded: Decoded<T>, key: string): T {
  if (decoded.kind === 'decoded') return decoded.value;
  throw new Error(`the object ${key} is malformed: ${decoded.reason}`);
}
