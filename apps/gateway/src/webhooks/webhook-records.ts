import { readJson, writeJson, type ObjectStore } from '@labelfleet/aws/store';
import {
  webhookRecordCodec,
  webhookRecordKey,
  type WebhookMessage,
  type WebhookRecord,
} from '@labelfleet/contracts';

/** Says of each webhook whose last try failed how often and why. */
export class WebhookRecords {
  readonly #bucket: Pick<ObjectStore, 'get' | 'put' | 'delete'>;

  /** @param bucket the state bucket */
  constructor(bucket: Pick<ObjectStore, 'get' | 'put' | 'delete'>) {
    this.#bucket = bucket;
  }

  async find(message: WebhookMessage): Promise<WebhookRecord | undefined> {
    return (await readJson(this.#bucket, webhookRecordKey(message), webhookRecordCodec))?.value;
  }

  write(record: WebhookRecord): Promise<void> {
    return writeJson(this.#bucket, webhookRecordKey(record.message), record, webhookRecordCodec);
  }

  delete(message: WebhookMessage): Promise<void> {
    return this.#bucket.delete(webhookRecordKey(message));
  }
}
