import { randomUUID } from 'node:crypto';

import { ApiError } from '../../api-error.ts';
import { Deduplication } from './deduplication.ts';
import { FifoOrder } from '../order/fifo-order.ts';
import {
  copyOf,
  sentMessage,
  type Entry,
  type Message,
  type NewMessage,
} from '../message/message.ts';
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
import { WaitingPolls, type Poll, type Receive } from './waiting-polls.ts';

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
  readonly #polls: WaitingPolls;
  #redrivePolicy: RedrivePolicy | undefined;

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
    this.#polls = new WaitingPolls({
      take: (poll) => this.#take(poll),
      nextDueMs: () => this.#state.nextDueMs(),
      nowMs: () => this.nowMs(),
    });
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
    const message = sentMessage(sent, this.#entry(delayMs));
    this.#polls.serveSoon(); // before the change schedules its commit, so that a delivery of this turn shares it
    this.#state.add(message);
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
    this.#polls.serveSoon();
  }

  /** Adds another copy of a message, which has separate receipts. */
  duplicate(message: Message, delayMs: number): void {
    this.#state.add(copyOf(message, this.#entry(delayMs)));
    this.#polls.serveSoon();
  }

  /** Waits for messages. An aborted poll resolves with no message and receives none. */
  async receive(receive: Receive, abandoned: AbortSignal): Promise<Message[]> {
    if (!this.fifo && receive.waitMs === 0 && this.counts().inFlight >= MOST_IN_FLIGHT) {
      throw new ApiError('OverLimit', 'Too many messages in flight.', 403);
    }
    if (this.#polls.empty) {
      const messages = this.#take(receive);
      if (messages.length > 0 || receive.waitMs === 0) return messages;
    } else if (receive.waitMs === 0 && this.counts().visible === 0) {
      return [];
    }
    const messages = this.#polls.wait(receive, abandoned);
    this.#polls.serveSoon();
    return messages;
  }

  /** Undoes a receive whose client has disconnected. */
  undoReceive(messages: readonly Message[]): void {
    const nowMs = this.nowMs();
    for (const message of messages) {
      if (message.state === 'in-flight') this.#state.undoTake(message, nowMs);
    }
    this.#polls.serveSoon();
  }

  find(messageId: string): Message | undefined {
    this.#advance();
    return this.#state.get(messageId);
  }

  delete(message: Message): void {
    this.#state.remove(message);
    this.#polls.serveSoon(); // the next message of its FIFO group may be deliverable now
  }

  changeVisibility(message: Message, visibilityMs: number): void {
    this.#state.hide(message, this.nowMs(), visibilityMs);
    this.#polls.serveSoon();
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
    this.#polls.close();
  }

  #entry(delayMs: number): Entry {
    const nowMs = this.#advance();
    return { sequence: this.#state.nextSequence(), nowMs, delayMs };
  }

  #take({ max, visibilityMs }: Poll): Message[] {
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
