import { randomUUID } from 'node:crypto';

import type { MessageAttributes } from './message-attributes.ts';

/** One message of a queue. After the send, only receives, timeouts and deletes change it. */
export interface Message {
  readonly id: string;
  /** The sequence number within the queue. */
  readonly sequence: number;
  readonly body: string;
  readonly attributes: MessageAttributes;
  /** AWSTraceHeader is the only message system attribute. */
  readonly systemAttributes: MessageAttributes;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
  readonly sentAtMs: number;
  /** For a dead letter, the ARN of the queue it was moved from. */
  readonly deadLetterSourceArn: string | undefined;
  /** `gone` means deleted, expired or moved; such a message stays in memory until the last index drops it. */
  state: 'visible' | 'delayed' | 'in-flight' | 'gone';
  /** When it becomes visible, if delayed or in flight. */
  availableAtMs: number;
  /** When `state` or `availableAtMs` was last set by a call; undefined before the first receive. */
  changedAtMs: number | undefined;
  receiveCount: number;
  firstReceivedAtMs: number | undefined;
  lastReceivedAtMs: number | undefined;
  /** The part of the newest receipt handle that distinguishes it from older ones. */
  receiptNonce: string | undefined;
}

/** The part of a message that its sender sets. */
export type NewMessage = Pick<
  Message,
  'body' | 'attributes' | 'systemAttributes' | 'groupId' | 'deduplicationId'
>;

/** The entry of a message into a queue. */
export interface Entry {
  readonly sequence: number;
  readonly nowMs: number;
  readonly delayMs: number;
}

/** Returns the message of a send. */
export function sentMessage(sent: NewMessage, { sequence, nowMs, delayMs }: Entry): Message {
  return {
    ...sent,
    id: randomUUID(),
    sequence,
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
}

/** Returns another copy of a message, which the queue treats as a separate message. */
export function copyOf(message: Message, { sequence, nowMs, delayMs }: Entry): Message {
  return {
    ...message,
    id: `${messageIdOf(message)}#${sequence}`,
    sequence,
    state: delayMs > 0 ? 'delayed' : 'visible',
    availableAtMs: nowMs + delayMs,
  };
}

/** Returns the id that clients see, which copies of a message share. */
export function messageIdOf({ id }: Message): string {
  return id.split('#', 1)[0] ?? id;
}
