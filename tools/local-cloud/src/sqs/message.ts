import type { MessageAttributes } from './message-attributes.ts';

/** One message of a queue. What changes after the send is what a receive, a time-out or a delete changes. */
export interface Message {
  readonly id: string;
  /** Its place among all messages of its queue. */
  readonly sequence: number;
  readonly body: string;
  readonly attributes: MessageAttributes;
  /** AWSTraceHeader is the only one there is. */
  readonly systemAttributes: MessageAttributes;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
  readonly sentAtMs: number;
  /** ARN of the queue it came from, for a message that was moved to a dead-letter queue. */
  readonly deadLetterSourceArn: string | undefined;
  /** `gone`: deleted, expired or moved; kept only until the last index has let go of it. */
  state: 'visible' | 'delayed' | 'in-flight' | 'gone';
  /** When it becomes visible, if delayed or in flight. */
  availableAtMs: number;
  /** When `state` or `availableAtMs` was last set by a call; undefined before the first receive. */
  changedAtMs: number | undefined;
  receiveCount: number;
  firstReceivedAtMs: number | undefined;
  lastReceivedAtMs: number | undefined;
  /** Part of the newest receipt handle: an older receipt does not have it. */
  receiptNonce: string | undefined;
}

/** The id of another copy of a message, which is a message of its own to its queue. */
export function copyId(message: Message, sequence: number): string {
  return `${messageIdOf(message)}#${sequence}`;
}

/** The id that clients see: copies of a message share it. */
export function messageIdOf({ id }: Message): string {
  return id.split('#', 1)[0] ?? id;
}
