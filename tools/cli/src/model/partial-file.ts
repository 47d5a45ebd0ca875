import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** The downloaded bytes of a file, and the ETag of the version they belong to. */
export class PartialFile {
  readonly path: string;
  readonly #tagPath: string;

  constructor(path: string) {
    this.path = path;
    this.#tagPath = `${path}.etag`;
  }

  /** The number of downloaded bytes; 0 if there is no file. */
  async size(): Promise<number> {
    return (await ifExists(stat(this.path)))?.size ?? 0;
  }

  async tag(): Promise<string | undefined> {
    return await ifExists(readFile(this.#tagPath, 'utf8'));
  }

  /** Empties the file for a new download. A weak ETag is not stored, because it does not identify bytes. */
  async begin(tag: string | null): Promise<void> {
    await this.discard();
    await mkdir(dirname(this.path), { recursive: true });
    if (tag !== null && !tag.startsWith('W/')) await writeFile(this.#tagPath, tag);
  }

  async sha256(): Promise<string> {
    const hash = createHash('sha256');
    await pipeline(createReadStream(this.path), hash);
    return hash.digest('hex');
  }

  async discard(): Promise<void> {
    await rm(this.path, { force: true });
    await rm(this.#tagPath, { force: true });
  }
}

async function ifExists<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
