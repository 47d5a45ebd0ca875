import { randomUUID } from 'node:crypto';

import { ApiError } from '../api-error.ts';
import { Deduplication } from './deduplication.ts';
import { FifoOrder } from './fifo-order.ts';
import { copyId, type Message } from './message.ts';
import {
  attributeNumber,
  parseRedrivePolicy,
  type QueueAttributes,
  type RedrivePolicy,
} from './queue-attributes.ts';
import {
  lastSequenceOf,
  type QueueChanges,
  type QueuePast,
  type QueueRecord,
} from './queue-record.ts';
import type { QueueClock } from './queue-clock.ts';
import { QueueState, type Counts } from './queue-state.ts';
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
type MoveToDeadLetters = (message: Message, policy: RedrivePolicy) => boolean;

export interface QueueSurroundings {
  readonly arn: string;
  /** As clients reach it now. */
  url(): string;
  readonly changes: QueueChanges;
  readonly moveToDeadLetters: MoveToDeadLetters;
  readonly clock: QueueClock;
}

/**
 * So many messages may be in flight. A standard queue says so to a short poll, and to nobody else does SQS.
 * docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
 */
const MOST_IN_FLIGHT = 120_000;

/** One queue: its messages, who waits for them, and the clock. */
export class Queue {
  readonly name: string;
  readonly arn: string;
  readonly fifo: boolean;
  readonly createdAtMs: number;
  readonly deduplication: Deduplication;
  readonly #record: QueueRecord;
  readonly #around: QueueSurroundings;
  readonly #state: QueueState;
  readonly #polls = new WaitingPolls();
  #redrivePolicy: RedrivePolicy | undefined;
  #due: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;

  /** @param past absent for a new queue */
  constructor(record: QueueRecord, around: QueueSurroundings, past?: QueuePast) {
    this.name = record.name;
    this.arn = around.arn;
    this.fifo = record.name.endsWith('.fifo');
    this.createdAtMs = record.createdAtMs;
    this.deduplication = new Deduplication(around.changes.sentOnce, past?.sent ?? []);
    this.#record = record;
    this.#around = around;
    const order = this.fifo ? new FifoOrder() : new StandardOrder();
    const lastSequence = past === undefined ? 0 : lastSequenceOf(past, this.nowMs());
    this.#state = new QueueState(order, around.changes, lastSequence);
    for (const message of past?.messages ?? []) this.#state.restore(message);
    this.#redrivePolicy = parseRedrivePolicy(record.attributes['RedrivePolicy']);
  }

  get url(): string {
    return this.#around.url();
  }

  get attributes(): QueueAttributes {
    return this.#record.attributes;
  }

  get tags(): Readonly<Record<string, string>> {
    return this.#record.tags;
  }

  get modifiedAtMs(): number {
    return this.#record.modifiedAtMs;
  }

  /** By the clock of all queues. */
  nowMs(): number {
    return this.#around.clock.nowMs();
  }

  setAttributes(changed: QueueAttributes): void {
    this.#record.attributes = { ...this.attributes, ...changed };
    this.#record.modifiedAtMs = this.nowMs();
    this.#redrivePolicy = parseRedrivePolicy(this.attributes['RedrivePolicy']);
    this.#around.changes.described(this.#record);
  }

  setTags(tags: Readonly<Record<string, string>>): void {
    this.#record.tags = tags;
    this.#around.changes.described(this.#record);
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
      changedAtMs: undefined,
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

  /** Puts another copy of a message into the queue, with receipts of its own. */
  duplicate(message: Message, delayMs: number): void {
    const nowMs = this.#advance();
    const sequence = this.#state.nextSequence();
    this.#state.add({
      ...message,
      id: copyId(message, sequence),
      sequence,
      state: delayMs > 0 ? 'delayed' : 'visible',
      availableAtMs: nowMs + delayMs,
    });
    this.#serveSoon();
  }

  /** Long poll; an abandoned one resolves with nothing and takes nothing. */
  async receive(receive: Receive, abandoned: AbortSignal): Promise<Message[]> {
    if (!this.fifo && receive.waitMs === 0 && this.counts().inFlight >= MOST_IN_FLIGHT) {
      throw new ApiError('OverLimit', 'Too many messages in flight.', 403);
    }
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
    const nowMs = this.nowMs();
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
    this.#state.hide(message, this.nowMs(), visibilityMs);
    this.#serveSoon();
  }

  /** Deletes every message; as on SQS, what was sent may be sent again at once. */
  purge(): void {
    this.deduplication.forgetAll();
    for (const message of [...this.#state.all()]) this.#state.remove(message);
  }

  /** The first messages in the order of their sends, whatever their state. Nothing is received. */
  peek(max: number): Message[] {
    this.#advance();
    return [...this.#state.all()].slice(0, max);
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
    this.#due = setTimeout(() => this.#serve(), Math.max(1, dueMs - this.nowMs()));
  }

  #take({ max, visibilityMs }: { max: number; visibilityMs: number }): Message[] {
    const nowMs = this.#advance();
    const policy = this.#redrivePolicy;
    return this.#state.take({
      max: Math.min(max, MOST_IN_FLIGHT - this.#state.counts().inFlight),
      visibilityMs,
      nowMs,
      receipt: randomUUID,
      exceeded: (message) =>
        policy !== undefined &&
        message.receiveCount >= policy.maxReceiveCount &&
        this.#around.moveToDeadLetters(message, policy),
    });
  }

  #advance(): number {
    const nowMs = this.nowMs();
    this.#state.advance(nowMs, attributeNumber(this.attributes, 'MessageRetentionPeriod') * 1000);
    return nowMs;
  }
}
