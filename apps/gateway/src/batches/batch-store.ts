import { readJson, writeJsonOnce, type ObjectStore } from '@labelfleet/aws/store';
import { batchKey, storedBatchCodec, type StoredBatch } from '@labelfleet/contracts';

/** The batches in the state bucket, each written once. */
export class BatchStore {
  readonly #bucket: Pick<ObjectStore, 'get' | 'put'>;

  constructor(bucket: Pick<ObjectStore, 'get' | 'put'>) {
    this.#bucket = bucket;
  }

  /** @returns undefined if there is none, as until its last image has arrived */
  async find(batchId: string): Promise<StoredBatch | undefined> {
    return (await readJson(this.#bucket, batchKey(batchId), storedBatchCodec))?.value;
  }

  /** Writes the batch unless it is stored. @returns the stored batch */
  storeOnce(batch: StoredBatch): Promise<StoredBatch> {
    return writeJsonOnce(this.#bucket, batchKey(batch.id), batch, storedBatchCodec);
  }
}
