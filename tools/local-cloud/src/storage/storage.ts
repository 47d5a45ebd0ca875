import type * as z from 'zod';

/**
 * Values by key that last longer than the process. The state itself lives in memory and is read only there:
 * this takes its changes, and gives them back once, at the start.
 */
export interface Collection<T> {
  /** What an earlier process has kept. */
  entries(): Iterable<readonly [key: string, value: T]>;
  /** Keeps the value as it is at the next commit, in place of what was there. */
  save(key: string, value: T): void;
  remove(key: string): void;
}

export interface Storage {
  /**
   * The collection of this name; ask for it once.
   * @param kept the shape of what is kept of a value; its other fields are left out
   */
  collection<T extends object>(name: string, kept: z.ZodType<T>): Collection<T>;
  /**
   * Resolves when every change so far is kept: before that no call is answered. Undefined: it is. All changes
   * of one turn of the event loop are kept together or not at all. Rejects when they could not be kept.
   */
  committed(): Promise<void> | undefined;
  /** Keeps what is not kept yet and lets go of the files. */
  close(): void;
}
