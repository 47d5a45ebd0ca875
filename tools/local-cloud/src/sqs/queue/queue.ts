import { randomUUID } from 'node:crypto';

import { ApiError } from '../../api-error.ts';
import { Deduplication } from './deduplication.ts';
import { FifoOrder } from '../order/fifo-order.ts';
import { copyId, type Message } from '../message/message.ts';
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
import { StandardOrder } from '../order/standard-order.ts';
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

/** Moves a message to the dead-letter queue. Returns false if that queue does not exist. */
type MoveToDeadLetters = (message: Message, policy: RedrivePolicy) => boolean;

export interface QueueSurroundings {
  readonly arn: string;
  /** The base URL that clients currently use. */
  url(): string;
  readonly changes: QueueChanges;
  readonly moveToDeadLetters: MoveToDeadLetters;
  readonly clock: QueueClock;
}

/**
 * The limit of messages in flight. SQS reports it only to a short poll of a standard queue.
 * docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
 */
const MOST_IN_FLIGHT = 120_000;

/** One queue: its messages, the polls that wait for them, and the clock. */
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

  /** @param past undefined for a new queue */
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

  /** Measured by the clock of the queues. */
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
   * Adds a message from another queue and keeps its receive count. On a standard queue, its age counts from its first
   * send; on a FIFO queue, from the move.
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

  /** Adds another copy of a message, which has separate receipts. */
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

  /** Waits for messages. An aborted poll resolves with no message and receives none. */
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

  /** Undoes a receive whose client has disconnected. */
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
    this.#serveSoon(); // the next message of its FIFO group may be deliverable now
  }

  changeVisibility(message: Message, visibilityMs: number): void {
    this.#state.hide(message, this.nowMs(), visibilityMs);
    this.#serveSoon();
  }

  /** Deletes all messages. Like on SQS, deduplication ids may be used again at once. */
  purge(): void {
    this.deduplication.forgetAll();
    for (const message of [...this.#state.all()]) this.#state.remove(message);
  }

  /** Returns the first messages in the order of their sends, in every state, without receiving them. */
  peek(max: number): Message[] {
    this.#advance();
    return [...this.#state.all()].slice(0, max);
  }

  /** The age of the oldest message in milliseconds; undefined if there is none. */
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
   * Serves polls at the end of this turn of the event loop. By then, the sockets' data of the same turn is processed, so
   * that a poll whose client has just disconnected receives no message, and messages of several sends are delivered
   * together.
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
