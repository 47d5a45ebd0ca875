import type { Collection } from '../storage/storage.ts';
import type { SentOnce } from './deduplication.ts';
import type { Message } from './message.ts';
import type { QueueAttributes } from './queue-attributes.ts';
import type { MessageChanges } from './queue-state.ts';

/** What a queue is, its messages aside. */
export interface QueueRecord {
  readonly name: string;
  attributes: QueueAttributes;
  tags: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
  modifiedAtMs: number;
}

/** Told of every change that would have to be kept. */
export interface QueueChanges extends MessageChanges {
  described(record: QueueRecord): void;
  readonly sentOnce: Pick<Collection<SentOnce>, 'save' | 'remove'>;
}

/** What an earlier process has kept of a queue. */
export interface QueuePast {
  /** In the order of sequence. */
  readonly messages: readonly Message[];
  readonly sent: readonly (readonly [id: string, SentOnce])[];
}

/**
 * Which sequence numbers have been given out is not kept, only those that are still in use. The clock, in
 * microseconds, is ahead of all others: no queue takes as many messages.
 */
export function lastSequenceOf({ messages, sent }: QueuePast, nowMs: number): number {
  const inUse = [...messages, ...sent.map(([, { sequence }]) => ({ sequence }))];
  return inUse.reduce((most, { sequence }) => Math.max(most, sequence), Math.floor(nowMs * 1000));
}
