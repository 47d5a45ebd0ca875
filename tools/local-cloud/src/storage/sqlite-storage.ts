import { existsSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';

import { EXIT, StartError } from '@labelfleet/runtime';
import type * as z from 'zod';

import { GroupCommit } from './group-commit.ts';
import type { Collection, Storage } from './storage.ts';

/** The version of the table and of its values. A file of another version is refused. */
const SCHEMA_VERSION = 1;

/**
 * Stores all collections in one SQLite file.
 *
 * It uses `synchronous=NORMAL` with a write-ahead log. When a call is answered, the operating system has the commit, so
 * it survives a kill -9 of this process. It is not forced to the disk: after a power loss, the last commits may be
 * missing, but the file is not corrupted. The same holds for objects, which are plain files. FULL would block the event
 * loop for about 1 ms more per commit.
 *
 * @throws StartError if the file cannot be used
 */
export function openSqliteStorage(path: string): Storage {
  const database = open(path);
  const tables: StoredTable<object>[] = [];
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const group = new GroupCommit(() => {
    // SQLite would continue to write to its open file, which no later process could find.
    if (!existsSync(path))
      throw new Error(`The state file ${path} was deleted or moved. Restart the local cloud.`);
    begin.run();
    try {
      for (const table of tables) table.write();
      commit.run();
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
    for (const table of tables) table.written();
  });
  return {
    collection: <T extends object>(name: string, schema: z.ZodType<T>) => {
      const table = new StoredTable(name, schema, database, () => group.changed());
      tables.push(table);
      return table;
    },
    committed: () => {
      // Includes the changes of a failed commit.
      if (tables.some((table) => table.dirty)) group.changed();
      return group.committed();
    },
    close: () => {
      group.flush();
      database.close();
    },
  };
}

/** One collection, and its changes since the last commit. Several changes of a key are written once. */
class StoredTable<T extends object> implements Collection<T> {
  readonly #name: string;
  readonly #schema: z.ZodType<T>;
  readonly #select: StatementSync;
  readonly #upsert: StatementSync;
  readonly #delete: StatementSync;
  readonly #changed: () => void;
  /** Undefined means removed. */
  readonly #changes = new Map<string, T | undefined>();

  constructor(name: string, schema: z.ZodType<T>, database: DatabaseSync, changed: () => void) {
    this.#name = name;
    this.#schema = schema;
    this.#select = database.prepare('SELECT key, value FROM kept WHERE collection = ?');
    this.#upsert = database.prepare(
      `INSERT INTO kept (collection, key, value) VALUES (?, ?, ?)
       ON CONFLICT (collection, key) DO UPDATE SET value = excluded.value`,
    );
    this.#delete = database.prepare('DELETE FROM kept WHERE collection = ? AND key = ?');
    this.#changed = changed;
  }

  get dirty(): boolean {
    return this.#changes.size > 0;
  }

  *entries(): Iterable<readonly [string, T]> {
    for (const { key, value } of this.#select.iterate(this.#name)) {
      yield [String(key), this.#schema.parse(JSON.parse(String(value)))];
    }
  }

  save(key: string, value: T): void {
    this.#changes.set(key, value);
    this.#changed();
  }

  remove(key: string): void {
    this.#changes.set(key, undefined);
    this.#changed();
  }

  write(): void {
    for (const [key, value] of this.#changes) {
      if (value === undefined) this.#delete.run(this.#name, key);
      else this.#upsert.run(this.#name, key, JSON.stringify(value));
    }
  }

  written(): void {
    this.#changes.clear();
  }
}

function open(path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    prepareSchema(database);
    return database;
  } catch (error) {
    database?.close();
    const why = error instanceof Error ? error.message : String(error);
    throw new StartError(`The state in ${path} cannot be used: ${why}`, EXIT.cannotCreate, {
      cause: error,
    });
  }
}

function prepareSchema(database: DatabaseSync): void {
  const version = database.prepare('PRAGMA user_version').get()?.['user_version'];
  if (version === SCHEMA_VERSION) return;
  if (version !== 0) {
    throw new Error(
      `it has version ${String(version)}, this local-cloud reads version ${SCHEMA_VERSION}. Move it away to start anew.`,
    );
  }
  database.exec(`
    BEGIN;
    CREATE TABLE kept (
      collection TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
      PRIMARY KEY (collection, key)
    );
    PRAGMA user_version = ${SCHEMA_VERSION};
    COMMIT;`);
}
