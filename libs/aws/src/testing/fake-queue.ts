import { AwsCallError } from '../errors.ts';
import type {
  OutgoingMessage,
  Queue,
  QueueDepth,
  ReceiptOutcome,
  ReceivedMessage,
  ReceiveOptions,
} from '../queue/queue.ts';
import type { CallHook } from './call-hook.ts';

const DEDUPLICATION_MS = 5 * 60 * 1000;

interface Stored {
  readonly messageId: string;
  readonly message: OutgoingMessage;
  readonly sentAt: Date;
  receiveCount: number;
  /** By `performance.now()`. */
  visibleAtMs: number;
  /** Receipt of the latest delivery. */
  receipt: string | undefined;
}

/** A queue in memory with SQS's visibility; a `.fifo` queue also has order, group locks and deduplication. */
export class FakeQueue implements Queue {
  readonly url: string;
  readonly #fifo: boolean;
  readonly #beforeCall: CallHook;
  /** Oldest first. */
  #messages: Stored[] = [];
  #gone = false;
  #count = 0;
  /** All receipts that were issued. */
  readonly #receipts = new Set<string>();
  readonly #deduplicatedUntilMs = new Map<string, number>();
  /** Called when a message may have become visible. */
  readonly #waiters = new Set<() => void>();

  constructor(url: string, beforeCall: CallHook) {
    this.url = url;
    this.#fifo = url.endsWith('.fifo');
    this.#beforeCall = beforeCall;
  }

  /** The bodies of all messages, visible or not, oldest first. */
  bodies(): string[] {
    return this.#messages.map(({ message }) => message.body);
  }

  /** Makes every later call fail as on a deleted queue. */
  delete(): void {
    this.#gone = true;
    this.#wake();
  }

  async send(message: OutgoingMessage): Promise<'sent'> {
    await this.#call('SendMessageBatch');
    if (this.#fifo && this.#isDuplicate(message)) return 'sent';
    this.#count += 1;
    this.#messages.push({
      messageId: `message-${this.#count}`,
      message,
      sentAt: new Date(),
      receiveCount: 0,
      visibleAtMs: performance.now() + (this.#fifo ? 0 : (message.delaySeconds ?? 0) * 1000),
      receipt: undefined,
    });
    this.#wake();
    return 'sent';
  }

  async checkSend(): Promise<void> {
    await this.#call('SendMessageBatch');
  }

  async receive(options: ReceiveOptions, signal?: AbortSignal): Promise<ReceivedMessage[]> {
    signal?.throwIfAborted();
    const untilMs = performance.now() + options.waitSeconds * 1000;
    await this.#call('ReceiveMessage');
    for (;;) {
      signal?.throwIfAborted();
      this.#refuseIfGone('ReceiveMessage');
      const received = this.#take(options);
      if (received.length > 0 || performance.now() >= untilMs) return received;
      await this.#untilChange(untilMs, signal);
    }
  }

  async ack(receipt: string): Promise<ReceiptOutcome> {
    await this.#call('DeleteMessageBatch');
    if (!this.#receipts.has(receipt)) return 'receipt-invalid';
    const stored = this.#find(receipt);
    if (stored === undefined) return 'done';
    if (this.#hasExpired(stored, receipt)) return 'receipt-invalid';
    this.#messages = this.#messages.filter((other) => other !== stored);
    this.#wake();
    return 'done';
  }

  extend(receipt: string, seconds: number): Promise<ReceiptOutcome> {
    return this.#changeVisibility(receipt, seconds);
  }

  retryIn(receipt: string, seconds: number): Promise<ReceiptOutcome> {
    return this.#changeVisibility(receipt, seconds);
  }

  async depth(): Promise<QueueDepth> {
    await this.#call('GetQueueAttributes');
    const nowMs = performance.now();
    const hidden = this.#messages.filter(({ visibleAtMs }) => visibleAtMs > nowMs);
    const delayed = hidden.filter(({ receiveCount }) => receiveCount === 0).length;
    return {
      visible: this.#messages.length - hidden.length,
      inFlight: hidden.length - delayed,
      delayed,
    };
  }

  async #changeVisibility(receipt: string, seconds: number): Promise<ReceiptOutcome> {
    await this.#call('ChangeMessageVisibilityBatch');
    const stored = this.#find(receipt);
    if (stored === undefined || this.#hasExpired(stored, receipt)) return 'receipt-invalid';
    stored.visibleAtMs = performance.now() + seconds * 1000;
    this.#wake();
    return 'done';
  }

  #find(receipt: string): Stored | undefined {
    return this.#messages.find(({ messageId }) => receipt.startsWith(`${messageId}/`));
  }

  /** A standard queue accepts receipts whose time-out has ended, and older ones. */
  #hasExpired({ receipt, visibleAtMs }: Stored, given: string): boolean {
    return this.#fifo && (receipt !== given || visibleAtMs <= performance.now());
  }

  #take(options: ReceiveOptions): ReceivedMessage[] {
    const nowMs = performance.now();
    const taken: Stored[] = [];
    // Within a group, no message is delivered while an earlier one is invisible.
    const lockedGroups = new Set<string | undefined>();
    for (const stored of this.#messages) {
      if (taken.length === options.maxMessages) break;
      const locked = this.#fifo && lockedGroups.has(stored.message.groupId);
      if (stored.visibleAtMs <= nowMs && !locked) taken.push(stored);
      else lockedGroups.add(stored.message.groupId);
    }
    return taken.map((stored) => {
      stored.receiveCount += 1;
      stored.receipt = `${stored.messageId}/${stored.receiveCount}`;
      this.#receipts.add(stored.receipt);
      stored.visibleAtMs = nowMs + options.visibilityTimeoutSeconds * 1000;
      return {
        messageId: stored.messageId,
        body: stored.message.body,
        attributes: { ...stored.message.attributes },
        receipt: stored.receipt,
        receiveCount: stored.receiveCount,
        sentAt: stored.sentAt,
        receivedAtMs: nowMs,
      };
    });
  }

  #isDuplicate({ deduplicationId }: OutgoingMessage): boolean {
    if (deduplicationId === undefined) return false;
    const nowMs = performance.now();
    if ((this.#deduplicatedUntilMs.get(deduplicationId) ?? -Infinity) > nowMs) return true;
    this.#deduplicatedUntilMs.set(deduplicationId, nowMs + DEDUPLICATION_MS);
    return false;
  }

  /** Resolves when a message may have become visible, at the given time, or when aborted. */
  #untilChange(untilMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const nowMs = performance.now();
      const nextMs = this.#messages
        .map(({ visibleAtMs }) => visibleAtMs)
        .filter((visibleAtMs) => visibleAtMs > nowMs)
        .reduce((a, b) => Math.min(a, b), untilMs);
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        this.#waiters.delete(done);
        resolve();
      };
      const timer = setTimeout(done, Math.ceil(nextMs - nowMs));
      signal?.addEventListener('abort', done);
      this.#waiters.add(done);
    });
  }

  #wake(): void {
    for (const waiter of [...this.#waiters]) waiter();
  }

  async #call(operation: string): Promise<void> {
    await this.#beforeCall(operation, this.url);
    this.#refuseIfGone(operation);
  }

  #refuseIfGone(operation: string): void {
    if (this.#gone)
      throw new AwsCallError(operation, {
        code: 'QueueDoesNotExist',
        message: 'The specified queue does not exist.',
        statusCode: 400,
      });
  }
}
