import { hash } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { open, readdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import { isMissing } from '../is-missing.ts';
import type { ByteRange } from './byte-range.ts';
import { completeFile, objectInfo, readInfo, type ObjectInfo } from './object-file.ts';
import type { StoredBody } from './stored-body.ts';
import { compareUtf8 } from './utf8-order.ts';

/** One bucket: a folder with a file per object, and an index of them in memory. */
export class Bucket {
  readonly name: string;
  readonly createdAtMs: number;
  readonly #folder: string;
  readonly #objects = new Map<string, ObjectInfo>();
  #sortedKeys: readonly string[] | undefined;

  private constructor(name: string, folder: string) {
    this.name = name;
    this.#folder = join(folder, name);
    this.createdAtMs = Math.floor(statSync(this.#folder).birthtimeMs);
  }

  /** Creates an empty bucket. The folder of all buckets must exist. */
  static create(name: string, folder: string): Bucket {
    mkdirSync(join(folder, name), { mode: 0o700 });
    return new Bucket(name, folder);
  }

  /** Opens a bucket with its existing objects. */
  static async open(name: string, folder: string): Promise<Bucket> {
    const bucket = new Bucket(name, folder);
    for (const file of await readdir(bucket.#folder)) {
      const info = await readInfo(join(bucket.#folder, file), objectInfo);
      if (info !== null) bucket.#objects.set(info.key, info);
    }
    return bucket;
  }

  get size(): number {
    return this.#objects.size;
  }

  head(key: string): ObjectInfo | undefined {
    return this.#objects.get(key);
  }

  /** Sorted by UTF-8 bytes. */
  keys(): readonly string[] {
    this.#sortedKeys ??= [...this.#objects.keys()].sort(compareUtf8);
    return this.#sortedKeys;
  }

  /**
   * Stores a body as the object of this key. `check` gets the existing object and throws if it must not be replaced. No
   * other write happens between `check` and the rename, so only one of two conditional writes succeeds.
   */
  async commit(
    body: StoredBody,
    object: Omit<ObjectInfo, 'size' | 'lastModifiedMs'>,
    check: (present: ObjectInfo | undefined) => void,
  ): Promise<ObjectInfo> {
    // A condition that fails must not hide that the folder was deleted: clients check by such a write.
    statSync(this.#folder);
    check(this.#objects.get(object.key));
    const info = { ...object, size: body.size, lastModifiedMs: Date.now() };
    await completeFile(body, info);
    check(this.#objects.get(object.key));
    renameSync(body.path, this.#pathOf(object.key));
    if (!this.#objects.has(object.key)) this.#sortedKeys = undefined;
    this.#objects.set(object.key, info);
    return info;
  }

  /** Reads these bytes of the current object, which exists. */
  read(key: string, { first, last }: ByteRange): Buffer {
    const bytes = Buffer.allocUnsafe(last - first + 1);
    const file = openSync(this.#pathOf(key), 'r');
    try {
      readSync(file, bytes, 0, bytes.length, first);
    } finally {
      closeSync(file);
    }
    return bytes;
  }

  /** Opens the current object for reading; undefined if there is none. The caller closes the file. */
  async open(key: string): Promise<{ info: ObjectInfo; file: FileHandle } | undefined> {
    for (;;) {
      const info = this.#objects.get(key);
      if (info === undefined) return undefined;
      let file: FileHandle | undefined;
      try {
        file = await open(this.#pathOf(key));
      } catch (error) {
        // The object was deleted meanwhile, or its file was removed by another program, which a retry cannot repair.
        if (!isMissing(error) || this.#objects.get(key) === info) throw error;
        continue;
      }
      // The object was replaced meanwhile, so the file and the metadata may not belong together.
      if (this.#objects.get(key) === info) return { info, file };
      await file.close();
    }
  }

  /** Deletes an existing object. */
  delete(key: string): void {
    unlinkSync(this.#pathOf(key));
    this.#objects.delete(key);
    this.#sortedKeys = undefined;
  }

  /** Removes the folder of an empty bucket. */
  removeFolder(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Hashes the key, which may be longer than a file name and contain characters that a file name cannot. */
  #pathOf(key: string): string {
    return join(this.#folder, hash('sha256', key));
  }
}
