import {
  DeleteMessageBatchCommand,
  SendMessageBatchCommand,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs';

import { createQueue, type TestQueue } from '@labelfleet/testkit/test-queue';
import { attempt, type Attempt, type History } from './history.ts';
import type { LoadContext } from './load.ts';
import type { Delivery, MessageLedger } from './message-ledger.ts';

export interface Received {
  readonly delivery: Delivery;
  readonly message: Message;
}

export interface ToSend {
  readonly body: string;
  readonly groupId?: string;
  readonly delaySeconds?: number;
}

/** A queue client that adds every call and its answer to the ledger and the history. */
export class QueueClient {
  readonly #sqs: SQSClient;
  readonly #history: History;
  readonly #ledger: MessageLedger;
  readonly #queue: TestQueue;

  private constructor({ cloud, history }: LoadContext, ledger: MessageLedger, queue: TestQueue) {
    this.#sqs = cloud.clients.sqs;
    this.#history = history;
    this.#ledger = ledger;
    this.#queue = queue;
  }

  /** Creates a queue. */
  static async create(
    context: LoadContext,
    ledger: MessageLedger,
    attributes: Record<string, string> = {},
  ): Promise<QueueClient> {
    const queue = await createQueue(context.cloud.clients.sqs, attributes);
    return new QueueClient(context, ledger, queue);
  }

  /** Sends one batch. @returns true if it was acknowledged */
  async send(messages: readonly ToSend[]): Promise<boolean> {
    const nowMs = Date.now();
    for (const { body, delaySeconds = 0 } of messages) {
      this.#ledger.sending(body, nowMs + delaySeconds * 1000);
    }
    const Entries = messages.map(({ body, groupId, delaySeconds }, index) => ({
      Id: String(index),
      MessageBody: body,
      DelaySeconds: delaySeconds,
      ...(groupId === undefined ? {} : { MessageGroupId: groupId, MessageDeduplicationId: body }),
    }));
    const batch = new SendMessageBatchCommand({ QueueUrl: this.#queue.url, Entries });
    const result = await attempt(() => this.#sqs.send(batch));
    for (const { body } of messages) {
      this.#note(body, 'send', result);
      if (result.kind === 'done') this.#ledger.sent(body);
    }
    return result.kind === 'done';
  }

  async receive(options: { visibilitySeconds: number; waitSeconds: number }): Promise<Received[]> {
    const askedAtMs = Date.now();
    const result = await attempt(() =>
      this.#queue.receive({
        MaxNumberOfMessages: 10,
        VisibilityTimeout: options.visibilitySeconds,
        WaitTimeSeconds: options.waitSeconds,
      }),
    );
    if (result.kind !== 'done') return [];
    const answeredAtMs = Date.now();
    const times = { askedAtMs, answeredAtMs, visibilityMs: options.visibilitySeconds * 1000 };
    return result.value.map((message) => {
      const delivery = { ...times, ...readMessage(message) };
      this.#note(delivery.body, `receive no. ${delivery.receiveCount}`, result);
      this.#ledger.received(delivery);
      return { delivery, message };
    });
  }

  async delete(received: readonly Received[]): Promise<void> {
    for (const { delivery } of received) this.#ledger.changing(delivery.body, 'delete');
    const result = await attempt(() => this.#deleteAll(received.map(({ message }) => message)));
    const failed = result.kind === 'done' ? result.value : [];
    for (const [index, { delivery }] of received.entries()) {
      const refused = failed.includes(String(index));
      this.#note(delivery.body, refused ? 'delete (too late)' : 'delete', result);
      if (result.kind === 'done' && !refused) {
        this.#ledger.deleted(delivery.body, delivery, Date.now());
      }
    }
  }

  async hide({ delivery: { body }, message }: Received, seconds: number): Promise<void> {
    this.#ledger.changing(body, 'visibility');
    const askedAtMs = Date.now();
    const result = await attempt(() => this.#queue.hide(message, seconds));
    this.#note(body, `hide for ${seconds} s`, result);
    if (result.kind === 'done') this.#ledger.hidden(body, askedAtMs + seconds * 1000);
  }

  /** Receives all messages and checks that none was lost. */
  async drain(): Promise<void> {
    while ((await this.#queue.counts()).some((count) => count > 0)) {
      const received = await this.receive({ visibilitySeconds: 30, waitSeconds: 1 });
      if (received.length > 0) await this.delete(received);
    }
    this.#ledger.checkDrained();
  }

  /** Deletes one message by the call for one. @returns the indexes of those that a batch could not delete */
  async #deleteAll(messages: readonly Message[]): Promise<(string | undefined)[]> {
    const [first, ...others] = messages;
    if (first !== undefined && others.length === 0) {
      await this.#queue.delete(first);
      return [];
    }
    const Entries = messages.map(({ ReceiptHandle }, index) => ({
      Id: String(index),
      ReceiptHandle,
    }));
    const batch = new DeleteMessageBatchCommand({ QueueUrl: this.#queue.url, Entries });
    const { Failed = [] } = await this.#sqs.send(batch);
    return Failed.map(({ Id }) => Id);
  }

  #note(body: string, call: string, { kind }: Attempt<unknown>): void {
    this.#history.note(this.#ledger.subjectOf(body), `${call}: ${kind}`);
  }
}

function readMessage({ Body = '', MessageId = '', Attributes: all = {} }: Message) {
  return {
    body: Body,
    messageId: MessageId,
    receiveCount: Number(all.ApproximateReceiveCount),
    sentAtMs: Number(all.SentTimestamp),
    firstReceivedAtMs: Number(all.ApproximateFirstReceiveTimestamp),
  };
}
