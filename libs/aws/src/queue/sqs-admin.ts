import {
  CreateQueueCommand,
  DeleteQueueCommand,
  ListQueueTagsCommand,
  paginateListQueues,
  TagQueueCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { callAws, hasCode, QUEUE_GONE_CODES, required } from '../errors.ts';
import type { QueueAdmin } from './queue.ts';

/** The largest page of ListQueues. Without MaxResults, SQS returns one page and no token for the next. */
const PAGE_SIZE = 1000;

/** Creates, tags, lists and deletes SQS queues. */
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

  list(namePrefix: string): Promise<string[]> {
    return callAws('ListQueues', async () => {
      const urls: string[] = [];
      const pages = paginateListQueues(
        { client: this.#client, pageSize: PAGE_SIZE },
        { QueueNamePrefix: namePrefix },
      );
      for await (const { QueueUrls = [] } of pages) urls.push(...QueueUrls);
      return urls;
    });
  }

  async tags(queueUrl: string): Promise<Readonly<Record<string, string>> | 'queue-gone'> {
    try {
      const { Tags = {} } = await callAws('ListQueueTags', () =>
        this.#client.send(new ListQueueTagsCommand({ QueueUrl: queueUrl })),
      );
      return Tags;
    } catch (error) {
      if (hasCode(error, QUEUE_GONE_CODES)) return 'queue-gone';
      throw error;
    }
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
