import type * as z from 'zod';

/**
 * Persists values by key. The state lives in memory and is read only there. The storage takes its changes, and returns
 * them once, at the start.
 */
export interface Collection<T> {
  /** The values that an earlier process persisted. */
  entries(): Iterable<readonly [key: string, value: T]>;
  /** Persists the value as it is at the next commit, and replaces the old value. */
  save(key: string, value: T): void;
  remove(key: string): void;
}

export interface Storage {
  /**
   * Returns the collection of this name. Must be called once per name.
   * @param schema the schema of the persisted part of a value; other fields are dropped
   */
  collection<T extends object>(name: string, schema: z.ZodType<T>): Collection<T>;
  /**
   * Resolves when every change so far is persisted; no call is answered before that. Undefined if all are persisted
   * already. The changes of one turn of the event loop are committed atomically. Rejects if the commit fails.
   */
  committed(): Promise<void> | undefined;
  /** Commits pending changes and closes the files. */
  close(): void;
}
