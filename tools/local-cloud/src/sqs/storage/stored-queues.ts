import * as z from 'zod';

import type { Collection, Storage } from '../../storage/storage.ts';
import { sentOnce, type SentOnce } from '../queue/deduplication.ts';
import { StoredMessages } from './stored-messages.ts';
import type { QueueChanges, QueuePast, QueueRecord } from '../queue/queue-record.ts';

const stringMap = z.record(z.string(), z.string());

const queueRecord: z.ZodType<QueueRecord> = z.object({
  name: z.string(),
  attributes: stringMap,
  tags: stringMap,
  createdAtMs: z.number(),
  modifiedAtMs: z.number(),
});

/** The persisted state of all queues. */
export class StoredQueues {
  /** By name. */
  readonly records: Collection<QueueRecord>;
  /** The time at which a queue of this name was deleted. */
  readonly deletions: Collection<{ atMs: number }>;
  readonly #messages: StoredMessages;
  /** By queue name and id. */
  readonly #sent: Collection<SentOnce>;

  constructor(storage: Storage) {
    this.records = storage.collection('queue', queueRecord);
    this.deletions = storage.collection('deleted-queue', z.object({ atMs: z.number() }));
    this.#messages = new StoredMessages(storage);
    this.#sent = storage.collection('deduplication', sentOnce);
  }

  changesOf(name: string): QueueChanges {
    return {
      ...this.#messages.changesOf(name),
      described: (record) => this.records.save(name, record),
      sentOnce: {
        save: (id, sent) => this.#sent.save(`${name}/${id}`, sent),
        remove: (id) => this.#sent.remove(`${name}/${id}`),
      },
    };
  }

  /** The state that an earlier process persisted. */
  read(): { record: QueueRecord; past: QueuePast }[] {
    const messages = this.#messages.read();
    const sent = Map.groupBy(this.#sent.entries(), ([key]) => key.slice(0, key.indexOf('/')));
    return Array.from(this.records.entries(), ([name, record]) => ({
      record,
      past: {
        messages: messages.get(name) ?? [],
        sent: (sent.get(name) ?? []).map(([key, value]) => [key.slice(name.length + 1), value]),
      },
    }));
  }
}
