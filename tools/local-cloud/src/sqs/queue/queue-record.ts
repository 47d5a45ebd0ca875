import type { Collection } from '../../storage/storage.ts';
import type { SentOnce } from './deduplication.ts';
import type { Message } from '../message/message.ts';
import type { QueueAttributes } from './queue-attributes.ts';
import type { MessageChanges } from './queue-state.ts';

/** A queue without its messages. */
export interface QueueRecord {
  readonly name: string;
  attributes: QueueAttributes;
  tags: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
  modifiedAtMs: number;
}

/** Called for every change that must be persisted. */
export interface QueueChanges extends MessageChanges {
  described(record: QueueRecord): void;
  readonly sentOnce: Pick<Collection<SentOnce>, 'save' | 'remove'>;
}

/** The state of a queue that an earlier process persisted. */
export interface QueuePast {
  /** In the order of sequence numbers. */
  readonly messages: readonly Message[];
  readonly sent: readonly (readonly [id: string, SentOnce])[];
}

/**
 * Only the sequence numbers of existing messages are persisted. The clock in microseconds is higher than all earlier
 * numbers, because no queue gets a million messages per second.
 */
export function lastSequenceOf({ messages, sent }: QueuePast, nowMs: number): number {
  const inUse = [...messages, ...sent.map(([, { sequence }]) => ({ sequence }))];
  return inUse.reduce((most, { sequence }) => Math.max(most, sequence), Math.floor(nowMs * 1000));
}
