import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { open, readdir, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import { Checksums } from './checksums.ts';
import { readInfo, writeAll, writeInfo, type ObjectInfo } from './object-file.ts';

/** A body that has been written to a file of its own and is no object yet. */
export interface Upload {
  readonly path: string;
  readonly info: Pick<ObjectInfo, 'size' | 'etag' | 'checksums'>;
  readonly md5: Buffer;
}

/** One bucket: a folder with a file per object, and an index of them in memory. */
export class Bucket {
  readonly name: string;
  readonly createdAtMs: number;
  readonly #folder: string;
  readonly #uploads: string;
  readonly #objects = new Map<string, ObjectInfo>();
  #sortedKeys: readonly string[] | undefined;

  private constructor(name: string, folders: { objects: string; uploads: string }) {
    this.name = name;
    this.#folder = join(folders.objects, name);
    this.#uploads = folders.uploads;
    mkdirSync(this.#folder, { recursive: true });
    this.createdAtMs = Math.floor(statSync(this.#folder).birthtimeMs);
  }

  /** Opens a bucket with the objects that are there; a new one if there is no such folder. */
  static async open(name: string, folders: { objects: string; uploads: string }): Promise<Bucket> {
    const bucket = new Bucket(name, folders);
    for (const file of await readdir(bucket.#folder)) {
      const info = await readInfo(join(bucket.#folder, file));
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

  /** In order. */
  keys(): readonly string[] {
    this.#sortedKeys ??= [...this.#objects.keys()].sort();
    return this.#sortedKeys;
  }

  /** Writes a body aside, its digests taken on the way. Give it to `commit` or to `discard`. */
  async upload(body: AsyncIterable<Buffer>, algorithms: readonly string[]): Promise<Upload> {
    const digests = new Checksums(algorithms);
    const path = join(this.#uploads, randomUUID());
    let size = 0;
    await using file = await open(path, 'wx');
    try {
      for await (const chunk of body) {
        digests.update(chunk);
        await writeAll(file, chunk, size);
        size += chunk.length;
      }
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
    const { md5, checksums } = digests.finish();
    return { path, md5, info: { size, etag: `"${md5.toString('hex')}"`, checksums } };
  }

  /**
   * Makes an upload the object of this key. `check` sees what is there and throws if that must stay; between
   * it and the rename nothing else happens, so of two conditional writes one wins.
   */
  async commit(
    upload: Upload,
    object: Pick<ObjectInfo, 'key' | 'headers'>,
    check: (present: ObjectInfo | undefined) => void,
  ): Promise<ObjectInfo> {
    check(this.#objects.get(object.key));
    const info = { ...upload.info, ...object, lastModifiedMs: Date.now() };
    {
      await using file = await open(upload.path, 'r+');
      await writeInfo(file, info);
    }
    check(this.#objects.get(object.key));
    renameSync(upload.path, this.#pathOf(object.key));
    if (!this.#objects.has(object.key)) this.#sortedKeys = undefined;
    this.#objects.set(object.key, info);
    return info;
  }

  async discard(upload: Upload): Promise<void> {
    await rm(upload.path, { force: true });
  }

  /** The object as it is now, open for reading; undefined: there is none. The caller closes the file. */
  async open(key: string): Promise<{ info: ObjectInfo; file: FileHandle } | undefined> {
    for (;;) {
      const info = this.#objects.get(key);
      if (info === undefined) return undefined;
      const file = await openIfThere(this.#pathOf(key));
      const unchanged = this.#objects.get(key) === info;
      if (unchanged && file !== undefined) return { info, file };
      if (unchanged) throw new Error(`The file of the object ${key} is gone from the data folder.`);
      // Replaced or deleted in between: the file and what is known of it may not belong together.
      await file?.close();
    }
  }

  delete(key: string): void {
    if (!this.#objects.delete(key)) return;
    this.#sortedKeys = undefined;
    rmSync(this.#pathOf(key), { force: true });
  }

  /** Takes the empty bucket's folder away. */
  removeFolder(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A key may be longer than a file name, and hold what a file name cannot. */
  #pathOf(key: string): string {
    return join(this.#folder, createHash('sha256').update(key).digest('hex'));
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
