import {
  CreateQueueCommand,
  DeleteQueueCommand,
  TagQueueCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { callAws, hasCode, QUEUE_GONE_CODES, required } from '../errors.ts';
import type { QueueAdmin } from './queue.ts';

/** Makes, tags and removes SQS queues. */
export class SqsAdmin implements QueueAdmin {
  readonly #client: SQSClient;

  constructor(client: SQSClient) {
    this.#client = client;
  }

  async create(
    name: string,
    options: { retentionSeconds: number; tags: Readonly<Record<string, string>> },
  ): Promise<string> {
    const operation = 'CreateQueue';
    const { QueueUrl } = await callAws(operation, () =>
      this.#client.send(
        new CreateQueueCommand({
          QueueName: name,
          Attributes: {
            MessageRetentionPeriod: String(options.retentionSeconds),
            ...(name.endsWith('.fifo') ? { FifoQueue: 'true' } : {}),
          },
          tags: { ...options.tags },
        }),
      ),
    );
    return required(operation, 'QueueUrl', QueueUrl);
  }

  async tag(queueUrl: string, tags: Readonly<Record<string, string>>): Promise<void> {
    await callAws('TagQueue', () =>
      this.#client.send(new TagQueueCommand({ QueueUrl: queueUrl, Tags: { ...tags } })),
    );
  }

  async delete(queueUrl: string): Promise<'deleted' | 'queue-gone'> {
    try {
      await callAws('DeleteQueue', () =>
        this.#client.send(new DeleteQueueCommand({ QueueUrl: queueUrl })),
      );
      return 'deleted';
    } catch (error) {
      if (hasCode(error, QUEUE_GONE_CODES)) return 'queue-gone';
      throw error;
    }
  }
}
