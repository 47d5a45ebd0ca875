import { isDeepStrictEqual } from 'node:util';

import { ApiError } from '../api-error.ts';
import { invalidValue } from '../parse-input.ts';
import type { Storage } from '../storage/storage.ts';
import { StoredQueues } from './storage/stored-queues.ts';
import type { QueuePast, QueueRecord } from './queue/queue-record.ts';
import { QueueClock, SYSTEM_TIME } from './queue/queue-clock.ts';
import { Queue } from './queue/queue.ts';
import {
  parseRedrivePolicy,
  withDefaults,
  type QueueAttributes,
} from './queue/queue-attributes.ts';

/** The only account. */
const ACCOUNT = '000000000000';

/** How long the name of a deleted queue cannot be used. */
const NAME_BLOCKED_MS = 60_000;

/** All queues by name, including those that an earlier process persisted. */
export class Queues {
  readonly #queues = new Map<string, Queue>();
  readonly #deletedAtMs = new Map<string, number>();
  readonly #place: { region: string; endpoint: () => string };
  readonly #stored: StoredQueues;
  readonly #clock: QueueClock;

  constructor(place: { region: string; endpoint: () => string }, storage: Storage) {
    this.#place = place;
    this.#stored = new StoredQueues(storage);
    const stored = this.#stored.read();
    this.#clock = new QueueClock(SYSTEM_TIME, latestOf(stored));
    for (const [name, { atMs }] of this.#stored.deletions.entries()) {
      if (this.#clock.nowMs() - atMs < NAME_BLOCKED_MS) this.#deletedAtMs.set(name, atMs);
      else this.#stored.deletions.remove(name);
    }
    for (const { record, past } of stored) this.#open(record, past);
  }

  /** Sorted by name. */
  all(): Queue[] {
    return [...this.#queues.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Finds a queue by the last part of its URL, so that the host in the URL does not matter. */
  byUrl(url: string): Queue {
    return this.byName(url.split('/').at(-1) ?? '');
  }

  byName(name: string): Queue {
    const queue = this.#queues.get(name);
    if (queue === undefined) {
      throw new ApiError('QueueDoesNotExist', 'The specified queue does not exist.');
    }
    return queue;
  }

  find(name: string): Queue | undefined {
    return this.#queues.get(name);
  }

  byArn(arn: string): Queue | undefined {
    return this.#queues.get(arn.split(':').at(-1) ?? '');
  }

  /** Creates a queue, or returns the existing one if it has all given attributes. */
  create(name: string, attributes: QueueAttributes, tags: Readonly<Record<string, string>>): Queue {
    const existing = this.#queues.get(name);
    if (existing !== undefined) {
      assertSame(existing, attributes);
      return existing;
    }
    const deletedAtMs = this.#deletedAtMs.get(name);
    if (deletedAtMs !== undefined && this.#clock.nowMs() - deletedAtMs < NAME_BLOCKED_MS) {
      throw new ApiError(
        'QueueDeletedRecently',
        'You must wait 60 seconds after deleting a queue before you can create another with the same name.',
      );
    }
    this.checkRedriveTarget(name.endsWith('.fifo'), attributes);
    this.#deletedAtMs.delete(name);
    this.#stored.deletions.remove(name);
    const nowMs = this.#clock.nowMs();
    const record = { name, attributes, tags, createdAtMs: nowMs, modifiedAtMs: nowMs };
    this.#stored.records.save(name, record);
    return this.#open(record);
  }

  delete(queue: Queue): void {
    queue.purge();
    queue.close();
    const atMs = this.#clock.nowMs();
    this.#queues.delete(queue.name);
    this.#stored.records.remove(queue.name);
    this.#deletedAtMs.set(queue.name, atMs);
    this.#stored.deletions.save(queue.name, { atMs });
  }

  #open(record: QueueRecord, past?: QueuePast): Queue {
    const { name } = record;
    const arn = `arn:aws:sqs:${this.#place.region}:${ACCOUNT}:${name}`;
    const queue = new Queue(
      record,
      {
        arn,
        clock: this.#clock,
        url: () => `${this.#place.endpoint()}/${ACCOUNT}/${name}`,
        changes: this.#stored.changesOf(name),
        moveToDeadLetters: (message, policy) => {
          const target = this.byArn(policy.deadLetterTargetArn);
          target?.takeOver(message, arn);
          return target !== undefined;
        },
      },
      past,
    );
    this.#queues.set(name, queue);
    return queue;
  }

  /** Checks that a dead-letter queue exists and is of the same type. */
  checkRedriveTarget(fifo: boolean, attributes: QueueAttributes): void {
    const policy = parseRedrivePolicy(attributes['RedrivePolicy']);
    if (policy === undefined) return;
    const target = this.byArn(policy.deadLetterTargetArn);
    const refuse = (reason: string) =>
      invalidValue('RedrivePolicy', attributes['RedrivePolicy'], reason);
    if (target === undefined) throw refuse('Dead letter target does not exist.');
    if (target.fifo !== fifo) {
      throw refuse('Dead-letter queue must be same type of queue as the source.');
    }
  }

  close(): void {
    for (const queue of this.#queues.values()) queue.close();
  }
}

/** Returns the latest time that an earlier process persisted. */
function latestOf(stored: readonly { record: QueueRecord; past: QueuePast }[]): number {
  let latest = 0;
  for (const { record, past } of stored) {
    latest = Math.max(latest, record.modifiedAtMs);
    for (const { sentAtMs, changedAtMs } of past.messages) {
      latest = Math.max(latest, sentAtMs, changedAtMs ?? 0);
    }
  }
  return latest;
}

function assertSame(queue: Queue, attributes: QueueAttributes): void {
  const has = withDefaults(queue.attributes);
  for (const [name, value] of Object.entries(attributes)) {
    const same =
      name === 'RedrivePolicy'
        ? isDeepStrictEqual(parseRedrivePolicy(value), parseRedrivePolicy(has[name]))
        : value === (has[name] ?? '');
    if (!same) {
      throw new ApiError(
        'QueueNameExists',
        `A queue already exists with the same name and a different value for attribute ${name}`,
      );
    }
  }
}
