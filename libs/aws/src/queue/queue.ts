/** A message to send. */
export interface OutgoingMessage {
  body: string;
  /** String message attributes, such as `traceparent`. At most 10. */
  attributes?: Readonly<Record<string, string>>;
  /** Messages of one group are delivered in order, one at a time. FIFO queues only; others ignore it. */
  groupId?: string;
  /** A second message with the same id within 5 minutes is dropped. FIFO queues only; others ignore it. */
  deduplicationId?: string;
  /** Delays the delivery by this many seconds (0 to 900). Standard queues only. */
  delaySeconds?: number;
}

/** A received message. It is invisible to other receivers until its visibility time-out ends. */
export interface ReceivedMessage {
  messageId: string;
  body: string;
  attributes: Readonly<Record<string, string>>;
  /** SQS's receipt handle of this delivery, for ack, extend and retryIn. */
  receipt: string;
  /** How often the message has been received, including this delivery. */
  receiveCount: number;
  sentAt: Date;
  /** `performance.now()` when the receive call returned; this process counts the visibility time-out from it. */
  receivedAtMs: number;
}

/**
 * `receipt-invalid`: the message was deleted or, on a FIFO queue, received again. A standard queue also accepts
 * older receipts and receipts whose time-out has ended.
 */
export type ReceiptOutcome = 'done' | 'receipt-invalid';

/** Approximate: AWS updates the counts within about a minute. */
export interface QueueDepth {
  visible: number;
  inFlight: number;
  delayed: number;
}

export interface ReceiveOptions {
  /** 1 to 10. */
  maxMessages: number;
  /** How long the long poll waits for a message, 0 to 20. */
  waitSeconds: number;
  visibilityTimeoutSeconds: number;
}

/**
 * A queue, standard or FIFO. Every method rejects with an `AwsCallError` on a failure that is not one of its
 * outcomes; `isTransient` in ./errors says whether a retry may succeed.
 *
 * Concurrent calls are sent in batches of up to ten. Each caller gets the outcome of its entry.
 */
export interface Queue {
  readonly url: string;
  /** Resolves when the queue has acknowledged the message: it is durable from then on. Tried once (P7). */
  send(message: OutgoingMessage): Promise<'sent'>;
  /**
   * Checks, without sending a message, that a send should succeed: the queue exists, it answers, and this process
   * has the permission to send.
   */
  checkSend(): Promise<void>;
  /**
   * Polls once. Resolves with an empty list when no message arrived. Rejects with the signal's reason when aborted;
   * messages that SQS delivers to the aborted poll become visible again after their time-out.
   */
  receive(options: ReceiveOptions, signal?: AbortSignal): Promise<ReceivedMessage[]>;
  /**
   * Deletes a message. `done` can also mean that the message was deleted before or, on a standard queue, that the
   * receipt is an older one: SQS may or may not delete the message then.
   */
  ack(receipt: string): Promise<ReceiptOutcome>;
  /** Keeps the message invisible for this many seconds from now (0 to 43200). */
  extend(receipt: string, seconds: number): Promise<ReceiptOutcome>;
  /** Makes the message visible again after this many seconds (0: at once). */
  retryIn(receipt: string, seconds: number): Promise<ReceiptOutcome>;
  depth(): Promise<QueueDepth>;
}

/** How long sends and deletes wait for others, so that they share a call. Default: 0 ms. */
export interface QueueLinger {
  sendLingerMs?: () => number;
  ackLingerMs?: () => number;
}

/** Sends to any queue by its URL. A worker uses it to reply to the queue that a request names. */
export interface QueueSender {
  /** `queue-gone`: the queue does not exist. Other failures reject. */
  send(queueUrl: string, message: OutgoingMessage): Promise<'sent' | 'queue-gone'>;
}

/** Creates, lists and deletes queues: gateways create their reply queues, and the scaler deletes abandoned ones. */
export interface QueueAdmin {
  /** Creates a queue and resolves with its URL. Rejects when the name was deleted within the last 60 s. */
  create(
    name: string,
    options: { retentionSeconds: number; tags: Readonly<Record<string, string>> },
  ): Promise<string>;
  tag(queueUrl: string, tags: Readonly<Record<string, string>>): Promise<void>;
  /** The URLs of all queues whose name begins with the prefix. AWS may omit queues of the last minute. */
  list(namePrefix: string): Promise<string[]>;
  tags(queueUrl: string): Promise<Readonly<Record<string, string>> | 'queue-gone'>;
  delete(queueUrl: string): Promise<'deleted' | 'queue-gone'>;
}
