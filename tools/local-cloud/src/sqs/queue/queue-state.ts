import type { DeliveryOrder } from '../order/delivery-order.ts';
import { LazyHeap } from '../order/lazy-heap.ts';
import type { Message } from '../message/message.ts';

export interface Counts {
  visible: number;
  inFlight: number;
  delayed: number;
}

/**
 * Called for every change that must be persisted. A message that becomes visible is not such a change, because that
 * follows from its time.
 */
export interface MessageChanges {
  /** A message has entered the queue. */
  added(message: Message): void;
  /** A message was received, or its visibility timeout changed. */
  changed(message: Message): void;
  removed(message: Message): void;
}

/**
 * Holds the messages of one queue. Callers pass the time. Each method first makes visible what is due by then, so counts
 * and deliveries are exact at every moment without a timer.
 */
export class QueueState {
  readonly #messages = new Map<string, Message>();
  readonly #counts: Counts = { visible: 0, inFlight: 0, delayed: 0 };
  readonly #due = new LazyHeap<{ message: Message; atMs: number }>(
    (a, b) => a.atMs < b.atMs,
    ({ message, atMs }) =>
      message.availableAtMs === atMs &&
      (message.state === 'delayed' || message.state === 'in-flight'),
  );
  readonly #oldest = new LazyHeap<Message>(
    (a, b) => a.sentAtMs < b.sentAtMs,
    (message) => message.state !== 'gone',
  );
  readonly #order: DeliveryOrder;
  readonly #changes: MessageChanges;
  #sequence: number;

  /** @param lastSequence new messages get higher sequence numbers */
  constructor(order: DeliveryOrder, changes: MessageChanges, lastSequence = 0) {
    this.#order = order;
    this.#changes = changes;
    this.#sequence = lastSequence;
  }

  /** The sequence number of the next message. */
  nextSequence(): number {
    return ++this.#sequence;
  }

  /** Adds a visible or delayed message. */
  add(message: Message): void {
    this.restore(message);
    this.#changes.added(message);
  }

  /** Adds a persisted message. Must be called in the order of sequence numbers. */
  restore(message: Message): void {
    this.#messages.set(message.id, message);
    this.#oldest.push(message);
    this.#order.added(message);
    this.#count(message, 1);
    if (message.state === 'visible') this.#order.visible(message);
    else this.#due.push({ message, atMs: message.availableAtMs });
  }

  get(messageId: string): Message | undefined {
    return this.#messages.get(messageId);
  }

  /** Makes due messages visible, and drops those that are older than the retention period. */
  advance(nowMs: number, retentionMs: number): void {
    for (
      let oldest = this.#oldest.peek();
      oldest !== undefined && oldest.sentAtMs + retentionMs <= nowMs;
      oldest = this.#oldest.peek()
    ) {
      this.remove(oldest);
    }
    for (
      let due = this.#due.peek();
      due !== undefined && due.atMs <= nowMs;
      due = this.#due.peek()
    ) {
      this.#become(due.message, 'visible', due.atMs);
    }
  }

  /** The time at which the next message becomes visible; undefined if none is delayed or in flight. */
  nextDueMs(): number | undefined {
    return this.#due.peek()?.atMs;
  }

  /**
   * Receives up to `max` messages at `nowMs` and makes them invisible for `visibilityMs`. `receipt` identifies the receive.
   * A message for which `exceeded` returns true was received too often, and leaves this queue instead.
   */
  take(options: {
    max: number;
    visibilityMs: number;
    nowMs: number;
    receipt: () => string;
    exceeded: (message: Message) => boolean;
  }): Message[] {
    const taken: Message[] = [];
    this.#order.take(options.max, (message) => {
      if (options.exceeded(message)) {
        this.remove(message);
        return false;
      }
      message.receiveCount += 1;
      message.firstReceivedAtMs ??= options.nowMs;
      message.lastReceivedAtMs = options.nowMs;
      message.receiptNonce = options.receipt();
      this.hide(message, options.nowMs, options.visibilityMs);
      taken.push(message);
      return true;
    });
    return taken;
  }

  /** Makes a message invisible for this long. */
  hide(message: Message, nowMs: number, forMs: number): void {
    const untilMs = nowMs + forMs;
    message.changedAtMs = nowMs;
    this.#become(message, 'in-flight', untilMs);
    this.#due.push({ message, atMs: untilMs });
    this.#changes.changed(message);
  }

  /** Undoes a receive whose message did not reach a client. */
  undoTake(message: Message, nowMs: number): void {
    message.receiveCount -= 1;
    message.changedAtMs = nowMs;
    if (message.receiveCount === 0) message.firstReceivedAtMs = undefined;
    this.#become(message, 'visible', nowMs);
    this.#changes.changed(message);
  }

  remove(message: Message): void {
    this.#messages.delete(message.id);
    this.#count(message, -1);
    message.state = 'gone';
    this.#order.removed(message);
    this.#changes.removed(message);
  }

  all(): Iterable<Message> {
    return this.#messages.values();
  }

  counts(): Readonly<Counts> {
    return this.#counts;
  }

  #become(message: Message, state: 'visible' | 'in-flight', availableAtMs: number): void {
    this.#count(message, -1);
    message.state = state;
    message.availableAtMs = availableAtMs;
    this.#count(message, 1);
    if (state === 'visible') this.#order.visible(message);
  }

  #count(message: Message, by: 1 | -1): void {
    if (message.state === 'visible') this.#counts.visible += by;
    else if (message.state === 'delayed') this.#counts.delayed += by;
    else if (message.state === 'in-flight') this.#counts.inFlight += by;
  }
}
