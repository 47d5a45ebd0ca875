import * as z from 'zod';

import type { Storage } from '../../storage/storage.ts';
import type { Message } from '../message/message.ts';
import type { MessageChanges } from '../queue/queue-state.ts';

const attributes = z.record(
  z.string(),
  z.object({
    DataType: z.string(),
    StringValue: z.string().optional(),
    BinaryValue: z.string().optional(),
  }),
);

/** The fields of a message that receives, timeouts and visibility changes modify. */
const delivery = z.object({
  state: z.enum(['visible', 'delayed', 'in-flight', 'gone']),
  availableAtMs: z.number(),
  changedAtMs: z.number().optional(),
  receiveCount: z.int(),
  firstReceivedAtMs: z.number().optional(),
  lastReceivedAtMs: z.number().optional(),
  receiptNonce: z.string().optional(),
});

const message = delivery.extend({
  id: z.string(),
  sequence: z.int(),
  body: z.string(),
  attributes,
  systemAttributes: attributes,
  groupId: z.string().optional(),
  deduplicationId: z.string().optional(),
  sentAtMs: z.number(),
  deadLetterSourceArn: z.string().optional(),
});

/**
 * Persists the messages of all queues in two parts: the sent message, which is written once with its body, and its
 * deliveries, which are written at each change.
 */
export class StoredMessages {
  readonly #added;
  readonly #deliveries;

  constructor(storage: Storage) {
    this.#added = storage.collection('message', message);
    this.#deliveries = storage.collection('delivery', delivery);
  }

  changesOf(queueName: string): MessageChanges {
    const keyOf = ({ sequence }: Message) => `${queueName}/${sequence}`;
    return {
      added: (message) => this.#added.save(keyOf(message), message),
      changed: (message) => {
        const {
          state,
          availableAtMs,
          changedAtMs,
          receiveCount,
          firstReceivedAtMs,
          lastReceivedAtMs,
        } = message;
        this.#deliveries.save(keyOf(message), {
          state,
          availableAtMs,
          changedAtMs,
          receiveCount,
          firstReceivedAtMs,
          lastReceivedAtMs,
          receiptNonce: message.receiptNonce,
        });
      },
      removed: (message) => {
        this.#added.remove(keyOf(message));
        this.#deliveries.remove(keyOf(message));
      },
    };
  }

  /** The messages that an earlier process persisted, by queue name and in the order of sequence numbers. */
  read(): Map<string, Message[]> {
    const deliveries = new Map(this.#deliveries.entries());
    const messages = Array.from(this.#added.entries(), ([key, added]) => ({
      queueName: key.slice(0, key.indexOf('/')),
      message: complete({ ...added, ...deliveries.get(key) }),
    })).sort((a, b) => a.message.sequence - b.message.sequence);
    const byQueue = new Map<string, Message[]>();
    for (const { queueName, message } of messages) {
      const list = byQueue.get(queueName);
      if (list === undefined) byQueue.set(queueName, [message]);
      else list.push(message);
    }
    return byQueue;
  }
}

/** JSON omits undefined fields. */
function complete(stored: z.output<typeof message>): Message {
  return {
    ...stored,
    groupId: stored.groupId,
    deduplicationId: stored.deduplicationId,
    deadLetterSourceArn: stored.deadLetterSourceArn,
    changedAtMs: stored.changedAtMs,
    firstReceivedAtMs: stored.firstReceivedAtMs,
    lastReceivedAtMs: stored.lastReceivedAtMs,
    receiptNonce: stored.receiptNonce,
  };
}
