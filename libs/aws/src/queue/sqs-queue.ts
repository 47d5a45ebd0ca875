import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type Message,
  type QueueAttributeName,
  type ReceiveMessageCommandInput,
} from '@aws-sdk/client-sqs';
import { callWithin } from '../call-limit.ts';
import type { SqsCaller } from '../direct/direct-sqs.ts';
import { callAws, isRefusedInput, required } from '../errors.ts';
import type {
  OutgoingMessage,
  Queue,
  QueueLinger,
  QueueDepth,
  ReceiptOutcome,
  ReceivedMessage,
  ReceiveOptions,
} from './queue.ts';
import {
  messageDeleter,
  messageSender,
  SHORT_CALL,
  visibilityChanger,
  type VisibilityChange,
} from './sqs-batches.ts';

/** How long after the end of its long poll a receive counts as failed. */
const RECEIVE_GRACE_MS = 10_000;

/** One SQS queue: FIFO if its URL ends in `.fifo`, else standard. */
export class SqsQueue implements Queue {
  readonly url: string;
  readonly #caller: SqsCaller;
  readonly #sendCaller: SqsCaller;
  readonly #sendLimitMs: number | undefined;
  readonly #send: (message: OutgoingMessage, signal?: AbortSignal) => Promise<'sent'>;
  readonly #delete: (receipt: string) => Promise<ReceiptOutcome>;
  readonly #changeVisibility: (change: VisibilityChange) => Promise<ReceiptOutcome>;

  /** @param deps `sendCaller` must not retry: a hidden retry would send an unmarked duplicate (P7) */
  constructor(
    url: string,
    deps: { caller: SqsCaller; sendCaller: SqsCaller; sendLimitMs: number | undefined },
    { sendLingerMs, ackLingerMs }: QueueLinger = {},
  ) {
    const { caller, sendCaller, sendLimitMs } = deps;
    this.url = url;
    this.#caller = caller;
    this.#sendCaller = sendCaller;
    this.#sendLimitMs = sendLimitMs;
    this.#send = messageSender(sendCaller, url, sendLingerMs);
    this.#delete = messageDeleter(caller, url, ackLingerMs);
    this.#changeVisibility = visibilityChanger(caller, url);
  }

  send(message: OutgoingMessage): Promise<'sent'> {
    return callWithin('SendMessageBatch', this.#sendLimitMs, (signal) =>
      this.#send(message, signal),
    );
  }

  async checkSend(): Promise<void> {
    // SQS rejects an empty message as invalid input, which proves that it would accept a valid one.
    const Entries = [{ Id: '0', MessageBody: '' }];
    const command = new SendMessageBatchCommand({ QueueUrl: this.url, Entries });
    try {
      await callWithin('SendMessageBatch', this.#sendLimitMs, (signal) =>
        this.#sendCaller.client.send(command, {
          ...SHORT_CALL,
          ...(signal && { abortSignal: signal }),
        }),
      );
    } catch (error) {
      if (!isRefusedInput(error)) throw error;
    }
  }

  async receive(options: ReceiveOptions, signal?: AbortSignal): Promise<ReceivedMessage[]> {
    signal?.throwIfAborted();
    const input: ReceiveMessageCommandInput = {
      QueueUrl: this.url,
      MaxNumberOfMessages: options.maxMessages,
      WaitTimeSeconds: options.waitSeconds,
      VisibilityTimeout: options.visibilityTimeoutSeconds,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
    };
    const sending = {
      requestTimeout: options.waitSeconds * 1000 + RECEIVE_GRACE_MS,
      ...(signal && { abortSignal: signal }),
    };
    try {
      const { client } = this.#caller;
      const { Messages = [] } = await this.#caller.call('ReceiveMessage', input, sending, () =>
        client.send(new ReceiveMessageCommand(input), sending),
      );
      const receivedAtMs = performance.now();
      return Messages.map((message) => toReceivedMessage(message, receivedAtMs));
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  }

  ack(receipt: string): Promise<ReceiptOutcome> {
    return this.#delete(receipt);
  }

  extend(receipt: string, seconds: number): Promise<ReceiptOutcome> {
    return this.#changeVisibility({ receipt, seconds });
  }

  retryIn(receipt: string, seconds: number): Promise<ReceiptOutcome> {
    return this.#changeVisibility({ receipt, seconds });
  }

  async depth(): Promise<QueueDepth> {
    const { Attributes = {} } = await callAws('GetQueueAttributes', () =>
      this.#caller.client.send(
        new GetQueueAttributesCommand({
          QueueUrl: this.url,
          AttributeNames: [
            'ApproximateNumberOfMessages',
            'ApproximateNumberOfMessagesNotVisible',
            'ApproximateNumberOfMessagesDelayed',
          ],
        }),
      ),
    );
    // A missing count must not become 0: the scaler would drain workers.
    const count = (name: QueueAttributeName) =>
      Number(required('GetQueueAttributes', name, Attributes[name]));
    return {
      visible: count('ApproximateNumberOfMessages'),
      inFlight: count('ApproximateNumberOfMessagesNotVisible'),
      delayed: count('ApproximateNumberOfMessagesDelayed'),
    };
  }
}

function toReceivedMessage(message: Message, receivedAtMs: number): ReceivedMessage {
  const attributes = Object.entries(message.MessageAttributes ?? {}).flatMap(
    ([name, { StringValue }]) => (StringValue === undefined ? [] : [[name, StringValue] as const]),
  );
  return {
    messageId: required('ReceiveMessage', 'MessageId', message.MessageId),
    body: message.Body ?? '',
    attributes: Object.fromEntries(attributes),
    receipt: required('ReceiveMessage', 'ReceiptHandle', message.ReceiptHandle),
    receiveCount: Number(message.Attributes?.ApproximateReceiveCount ?? 1),
    sentAt: new Date(Number(message.Attributes?.SentTimestamp ?? 0)),
    receivedAtMs,
  };
}
