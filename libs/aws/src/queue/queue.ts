/** One message on its way to a queue. */
export interface OutgoingMessage {
  body: string;
  /** String message attributes, such as `traceparent`. At most 10. */
  attributes?: Readonly<Record<string, string>>;
  /** FIFO queues only, ignored elsewhere: messages of one group are delivered in order, one at a time. */
  groupId?: string;
  /** FIFO queues only, ignored elsewhere: a second message with the same id within 5 minutes is dropped. */
  deduplicationId?: string;
  /** Standard queues only: not delivered before this many seconds (0 to 900). */
  delaySeconds?: number;
}

/** One message as received. It is invisible to others until its visibility time-out runs out. */
export interface ReceivedMessage {
  messageId: string;
  body: string;
  attributes: Readonly<Record<string, string>>;
  /** Names this receive of the message in ack, extend and retryIn. */
  receipt: string;
  /** How often the message has been received, this time included. */
  receiveCount: number;
  sentAt: Date;
  /** `performance.now()` when the receive came back: what the visibility time-out is counted from here. */
  receivedAtMs: number;
}

/**
 * `receipt-invalid`: the message was deleted, or, on a FIFO queue, was received again by another since. A standard
 * queue takes older receipts, and those whose time-out has passed, as if they were the newest.
 */
export type ReceiptOutcome = 'done' | 'receipt-invalid';

/** Approximate on AWS (eventually consistent, within about a minute). */
export interface QueueDepth {
  visible: number;
  inFlight: number;
  delayed: number;
}

export interface ReceiveOptions {
  /** 1 to 10. */
  maxMessages: number;
  /** Long poll, 0 to 20. */
  waitSeconds: number;
  visibilityTimeoutSeconds: number;
}

/**
 * A queue, standard or FIFO. Every method rejects with an `AwsCallError` when the call failed for another
 * reason than the outcomes named here; `isTransient` in ./errors tells whether to try again.
 *
 * Calls made while others are under way travel together (batches of ten): each caller still gets the
 * outcome of its own entry.
 */
export interface Queue {
  readonly url: string;
  /** Resolves when the queue has acknowledged the message: from then on it is not lost. Tried once (P7). */
  send(message: OutgoingMessage): Promise<'sent'>;
  /**
   * Resolves when a send of this process would be acknowledged, as far as can be told without sending: the
   * queue is there and answers, and sending is allowed.
   */
  checkSend(): Promise<void>;
  /**
   * One long poll. Resolves with an empty list when nothing came. Rejects with the signal's reason when
   * aborted; messages that were on their way then become visible again after their time-out.
   */
  receive(options: ReceiveOptions, signal?: AbortSignal): Promise<ReceivedMessage[]>;
  /**
   * Deletes a message that has been dealt with. `done` may also mean that it was deleted before, and on a
   * standard queue that the receipt is an older one: then SQS may delete it or not.
   */
  ack(receipt: string): Promise<ReceiptOutcome>;
  /** Keeps a message invisible for this many seconds from now (0 to 43200). */
  extend(receipt: string, seconds: number): Promise<ReceiptOutcome>;
  /** Gives a message back, to be delivered again after this many seconds; 0 is at once. */
  retryIn(receipt: string, seconds: number): Promise<ReceiptOutcome>;
  depth(): Promise<QueueDepth>;
}

/** Sends to any queue by its URL: how a worker replies to the queue that a request names. */
export interface QueueSender {
  /** `queue-gone`: the queue does not exist (any more). Other failures reject. */
  send(queueUrl: string, message: OutgoingMessage): Promise<'sent' | 'queue-gone'>;
}

/** Makes, finds and removes queues: how a gateway gets a reply queue of its own, and loses it when it is dead. */
export interface QueueAdmin {
  /** Creates a queue and resolves with its URL. Rejects when the name was deleted within the last 60 s. */
  create(
    name: string,
    options: { retentionSeconds: number; tags: Readonly<Record<string, string>> },
  ): Promise<string>;
  tag(queueUrl: string, tags: Readonly<Record<string, string>>): Promise<void>;
  /** The URLs of all queues whose name begins so. On AWS a queue made within the last minute may be missing. */
  list(namePrefix: string): Promise<string[]>;
  tags(queueUrl: string): Promise<Readonly<Record<string, string>> | 'queue-gone'>;
  delete(queueUrl: string): Promise<'deleted' | 'queue-gone'>;
}
