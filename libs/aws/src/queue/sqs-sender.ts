import type { SqsCaller } from '../direct/direct-sqs.ts';
import { hasCode, QUEUE_GONE_CODES } from '../errors.ts';
import type { OutgoingMessage, QueueSender } from './queue.ts';
import { messageSender } from './sqs-batches.ts';

/** Sends to any queue by its URL and batches concurrent messages for the same queue. */
export class SqsSender implements QueueSender {
  readonly #caller: SqsCaller;
  readonly #lingerMs: (() => number) | undefined;
  /** By URL; a route exists only while it has sends in flight, because reply queues come and go. */
  readonly #routes = new Map<string, Route>();

  /** @param lingerMs how long a message waits for others to the same queue */
  constructor(caller: SqsCaller, lingerMs?: () => number) {
    this.#caller = caller;
    this.#lingerMs = lingerMs;
  }

  async send(queueUrl: string, message: OutgoingMessage): Promise<'sent' | 'queue-gone'> {
    const route = this.#routes.get(queueUrl) ?? {
      send: messageSender(this.#caller, queueUrl, this.#lingerMs),
      inFlight: 0,
    };
    this.#routes.set(queueUrl, route);
    route.inFlight += 1;
    try {
      return await route.send(message);
    } catch (error) {
      if (hasCode(error, QUEUE_GONE_CODES)) return 'queue-gone';
      throw error;
    } finally {
      route.inFlight -= 1;
      if (route.inFlight === 0) this.#routes.delete(queueUrl);
    }
  }
}

interface Route {
  send: (message: OutgoingMessage) => Promise<'sent'>;
  inFlight: number;
}
