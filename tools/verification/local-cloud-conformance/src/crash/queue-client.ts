import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type DeleteMessageBatchCommandOutput,
  type DeleteMessageCommandOutput,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs';

import { attempt, type Attempt } from './attempt.ts';
import type { History } from './history.ts';
import type { Delivery, MessageLedger } from './message-ledger.ts';

export interface Received {
  readonly delivery: Delivery;
  readonly receipt: string;
}

export interface ToSend {
  readonly body: string;
  readonly groupId?: string;
  readonly delaySeconds?: number;
}

/** A queue client that adds every call and its answer to the ledger and the history. */
export class QueueClient {
  readonly ledger: MessageLedger;
  readonly #sqs: SQSClient;
  readonly #history: History;
  #url = '';

  constructor(sqs: SQSClient, ledger: MessageLedger, history: History) {
    this.#sqs = sqs;
    this.ledger = ledger;
    this.#history = history;
  }

  async create(name: string, attributes: Record<string, string>): Promise<void> {
    const created = await this.#sqs.send(
      new CreateQueueCommand({ QueueName: name, Attributes: attributes }),
    );
    this.#url = created.QueueUrl ?? '';
  }

  /** Sends one batch. @returns true if it was acknowledged */
  async send(messages: readonly ToSend[]): Promise<boolean> {
    const nowMs = Date.now();
    for (const { body, delaySeconds = 0 } of messages) {
      this.ledger.sending(body, nowMs + delaySeconds * 1000);
    }
    const Entries = messages.map(({ body, groupId, delaySeconds }, index) => ({
      Id: String(index),
      MessageBody: body,
      DelaySeconds: delaySeconds,
      ...(groupId === undefined ? {} : { MessageGroupId: groupId, MessageDeduplicationId: body }),
    }));
    const result = await attempt(() =>
      this.#sqs.send(new SendMessageBatchCommand({ QueueUrl: this.#url, Entries })),
    );
    for (const { body } of messages) {
      this.#note(body, 'send', result);
      if (result.kind === 'done') this.ledger.sent(body);
    }
    return result.kind === 'done';
  }

  async receive(options: { visibilitySeconds: number; waitSeconds: number }): Promise<Received[]> {
    const askedAtMs = Date.now();
    const result = await attempt(() =>
      this.#sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: this.#url,
          MaxNumberOfMessages: 10,
          MessageSystemAttributeNames: ['All'],
          VisibilityTimeout: options.visibilitySeconds,
          WaitTimeSeconds: options.waitSeconds,
        }),
      ),
    );
    if (result.kind !== 'done') return [];
    const times = {
      askedAtMs,
      answeredAtMs: Date.now(),
      visibilityMs: options.visibilitySeconds * 1000,
    };
    return (result.value.Messages ?? []).map((message) => {
      const delivery = { ...times, ...readMessage(message) };
      this.#note(delivery.body, `receive no. ${delivery.receiveCount}`, result);
      this.ledger.received(delivery);
      return { delivery, receipt: message.ReceiptHandle ?? '' };
    });
  }

  async delete(received: readonly Received[]): Promise<void> {
    for (const { delivery } of received) this.ledger.changing(delivery.body, 'delete');
    const result = await attempt(() =>
      received.length === 1
        ? this.#sqs.send(
            new DeleteMessageCommand({
              QueueUrl: this.#url,
              ReceiptHandle: received[0]?.receipt,
            }),
          )
        : this.#sqs.send(
            new DeleteMessageBatchCommand({
              QueueUrl: this.#url,
              Entries: received.map(({ receipt }, index) => ({
                Id: String(index),
                ReceiptHandle: receipt,
              })),
            }),
          ),
    );
    const failed = result.kind === 'done' ? failedIn(result.value) : [];
    for (const [index, { delivery }] of received.entries()) {
      const refused = failed.includes(String(index));
      this.#note(delivery.body, refused ? 'delete (too late)' : 'delete', result);
      if (result.kind === 'done' && !refused) {
        this.ledger.deleted(delivery.body, delivery, Date.now());
      }
    }
  }

  async hide({ delivery, receipt }: Received, seconds: number): Promise<void> {
    const { body } = delivery;
    this.ledger.changing(body, 'visibility');
    const askedAtMs = Date.now();
    const result = await attempt(() =>
      this.#sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: this.#url,
          ReceiptHandle: receipt,
          VisibilityTimeout: seconds,
        }),
      ),
    );
    this.#note(body, `hide for ${seconds} s`, result);
    if (result.kind === 'done') this.ledger.hidden(body, askedAtMs + seconds * 1000);
  }

  /** The number of visible, in-flight and delayed messages. */
  async count(): Promise<number> {
    const { Attributes: all = {} } = await this.#sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: this.#url, AttributeNames: ['All'] }),
    );
    return (
      Number(all.ApproximateNumberOfMessages) +
      Number(all.ApproximateNumberOfMessagesNotVisible) +
      Number(all.ApproximateNumberOfMessagesDelayed)
    );
  }

  /** Receives all messages and checks that none was lost. */
  async drain(): Promise<void> {
    while ((await this.count()) > 0) {
      const received = await this.receive({ visibilitySeconds: 30, waitSeconds: 1 });
      if (received.length > 0) await this.delete(received);
    }
    this.ledger.checkDrained();
  }

  #note(body: string, call: string, { kind }: Attempt<unknown>): void {
    this.#history.note(this.ledger.subjectOf(body), `${call}: ${kind}`);
  }
}

/** The ids of the entries that a batch could not delete. */
function failedIn(output: DeleteMessageCommandOutput | DeleteMessageBatchCommandOutput): string[] {
  return 'Failed' in output ? (output.Failed ?? []).map(({ Id = '' }) => Id) : [];
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
