import { randomUUID } from 'node:crypto';

import { Deduplication } from './deduplication.ts';
import { FifoOrder } from './fifo-order.ts';
import type { Message } from './message.ts';
import {
  attributeNumber,
  parseRedrivePolicy,
  type QueueAttributes,
  type RedrivePolicy,
} from './queue-attributes.ts';
import { QueueState, type Counts, type MessageChanges } from './queue-state.ts';
import { StandardOrder } from './standard-order.ts';
import { WaitingPolls } from './waiting-polls.ts';

export type NewMessage = Pick<
  Message,
  'body' | 'attributes' | 'systemAttributes' | 'groupId' | 'deduplicationId'
>;

export interface Receive {
  max: number;
  visibilityMs: number;
  waitMs: number;
}

/** Moves a message that was received too often. False: there is no such dead-letter queue. */
export type MoveToDeadLetters = (message: Message, policy: RedrivePolicy) => boolean;

/** One queue: its messages, who waits for them, and the clock. */
export class Queue {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly fifo: boolean;
  readonly tags: Record<string, string> = {};
  readonly createdAtMs = Date.now();
  readonly deduplication = new Deduplication();
  readonly #state: QueueState;
  readonly #polls = new WaitingPolls();
  readonly #moveToDeadLetters: MoveToDeadLetters;
  #modifiedAtMs = this.createdAtMs;
  #attributes: QueueAttributes;
  #redrivePolicy: RedrivePolicy | undefined;
  #due: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;

  constructor(
    identity: { name: string; arn: string; url: string },
    attributes: QueueAttributes,
    changes: MessageChanges,
    moveToDeadLetters: MoveToDeadLetters,
  ) {
    this.name = identity.name;
    this.arn = identity.arn;
    this.url = identity.url;
    this.fifo = identity.name.endsWith('.fifo');
    this.#state = new QueueState(this.fifo ? new FifoOrder() : new StandardOrder(), changes);
    this.#moveToDeadLetters = moveToDeadLetters;
    this.#attributes = attributes;
    this.#redrivePolicy = parseRedrivePolicy(attributes['RedrivePolicy']);
  }

  get attributes(): QueueAttributes {
    return this.#attributes;
  }

  get modifiedAtMs(): number {
    return this.#modifiedAtMs;
  }

  setAttributes(changed: QueueAttributes): void {
    this.#attributes = { ...this.#attributes, ...changed };
    this.#redrivePolicy = parseRedrivePolicy(this.#attributes['RedrivePolicy']);
    this.#modifiedAtMs = Date.now();
  }

  counts(): Counts {
    this.#advance();
    return { ...this.#state.counts() };
  }

  send(sent: NewMessage, delayMs: number): Message {
    const nowMs = this.#advance();
    const message: Message = {
      ...sent,
      id: randomUUID(),
      sequence: this.#state.nextSequence(),
      sentAtMs: nowMs,
      deadLetterSourceArn: undefined,
      state: delayMs > 0 ? 'delayed' : 'visible',
      availableAtMs: nowMs + delayMs,
      receiveCount: 0,
      firstReceivedAtMs: undefined,
      lastReceivedAtMs: undefined,
      receiptNonce: undefined,
    };
    this.#state.add(message);
    this.#serveSoon();
    return message;
  }

  /**
   * Takes up a message from another queue, its receive count kept. On a standard queue its age still counts
   * from its first send, on a FIFO queue from the move.
   */
  takeOver(message: Message, sourceArn: string): void {
    const nowMs = this.#advance();
    this.#state.add({
      ...message,
      sequence: this.#state.nextSequence(),
      sentAtMs: this.fifo ? nowMs : message.sentAtMs,
      deadLetterSourceArn: sourceArn,
      state: 'visible',
      receiptNonce: undefined,
    });
    this.#serveSoon();
  }

  /** Long poll; an abandoned one resolves with nothing and takes nothing. */
  async receive(receive: Receive, abandoned: AbortSignal): Promise<Message[]> {
    if (this.#polls.first === undefined) {
      const messages = this.#take(receive);
      if (messages.length > 0 || receive.waitMs === 0) return messages;
    } else if (receive.waitMs === 0 && this.counts().visible === 0) {
      return [];
    }
    const messages = this.#polls.wait(receive, abandoned);
    this.#serveSoon();
    return messages;
  }

  /** Takes a receive back whose client has gone. */
  undoReceive(messages: readonly Message[]): void {
    const nowMs = Date.now();
    for (const message of messages) {
      if (message.state === 'in-flight') this.#state.undoTake(message, nowMs);
    }
    this.#serveSoon();
  }

  find(messageId: string): Message | undefined {
    this.#advance();
    return this.#state.get(messageId);
  }

  delete(message: Message): void {
    this.#state.remove(message);
    this.#serveSoon(); // the next of its FIFO group may be free now
  }

  changeVisibility(message: Message, visibilityMs: number): void {
    this.#state.hide(message, Date.now() + visibilityMs);
    this.#serveSoon();
  }

  purge(): void {
    for (const message of [...this.#state.all()]) this.#state.remove(message);
  }

  /** Age of the oldest message in milliseconds; undefined when there is none. */
  oldestAgeMs(): number | undefined {
    const nowMs = this.#advance();
    let oldest = Infinity;
    for (const { sentAtMs } of this.#state.all()) oldest = Math.min(oldest, sentAtMs);
    return oldest === Infinity ? undefined : nowMs - oldest;
  }

  /** Ends every poll and every timer. */
  close(): void {
    clearTimeout(this.#due);
    clearImmediate(this.#turn);
    this.#polls.answerAll();
  }

  /**
   * Polls are answered at the end of this turn of the event loop: what has been read from the sockets in the
   * same turn counts first, so that a poll whose client has just gone takes no message, and what several sends
   * have brought goes out together.
   */
  #serveSoon(): void {
    if (this.#polls.first === undefined) return;
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      this.#serve();
    });
  }

  #serve(): void {
    for (let poll = this.#polls.first; poll !== undefined; poll = this.#polls.first) {
      const messages = this.#take(poll);
      if (messages.length === 0) break;
      poll.answer(messages);
    }
    clearTimeout(this.#due);
    const dueMs = this.#state.nextDueMs();
    if (dueMs === undefined || this.#polls.first === undefined) return;
    this.#due = setTimeout(() => this.#serve(), Math.max(1, dueMs - Date.now()));
  }

  #take({ max, visibilityMs }: { max: number; visibilityMs: number }): Message[] {
    const nowMs = this.#advance();
    const policy = this.#redrivePolicy;
    return this.#state.take({
      max,
      visibilityMs,
      nowMs,
      receipt: randomUUID,
      exceeded: (message) =>
        policy !== undefined &&
        message.receiveCount >= policy.maxReceiveCount &&
        this.#moveToDeadLetters(message, policy),
    });
  }

  #advance(): number {
    const nowMs = Date.now();
    this.#state.advance(nowMs, attributeNumber(this.#attributes, 'MessageRetentionPeriod') * 1000);
    return nowMs;
  }
}
