import type { SQSClient } from '@aws-sdk/client-sqs';
import { hasCode, QUEUE_GONE_CODES } from '../errors.ts';
import type { OutgoingMessage, QueueSender } from './queue.ts';
import { messageSender } from './sqs-batches.ts';

/** Sends to whatever queue a URL names. Messages for one queue travel together. */
export class SqsSender implements QueueSender {
  readonly #client: SQSClient;
  /** By URL, for as long as something is on its way there: reply queues come and go. */
  readonly #routes = new Map<string, Route>();

  constructor(client: SQSClient) {
    this.#client = client;
  }

  async send(queueUrl: string, message: OutgoingMessage): Promise<'sent' | 'queue-gone'> {
    const route = this.#routes.get(queueUrl) ?? {
      send: messageSender(this.#client, queueUrl),
      underWay: 0,
    };
    this.#routes.set(queueUrl, route);
    route.underWay += 1;
    try {
      return await route.send(message);
    } catch (error) {
      if (hasCode(error, QUEUE_GONE_CODES)) return 'queue-gone';
      throw error;
    } finally {
      route.underWay -= 1;
      if (route.underWay === 0) this.#routes.delete(queueUrl);
    }
  }
}

interface Route {
  send: (message: OutgoingMessage) => Promise<'sent'>;
  underWay: number;
}
