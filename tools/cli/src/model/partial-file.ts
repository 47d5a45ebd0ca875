import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** What has come so far of a download, and the server's name for that version of the file. */
export class PartialFile {
  readonly path: string;
  readonly #tagPath: string;

  constructor(path: string) {
    this.path = path;
    this.#tagPath = `${path}.etag`;
  }

  /** Bytes that are here; 0 where there is no file. */
  async size(): Promise<number> {
    return (await orMissing(stat(this.path)))?.size ?? 0;
  }

  async tag(): Promise<string | undefined> {
    return await orMissing(readFile(this.#tagPath, 'utf8'));
  }

  /** Empties it for a version of the file that begins now. A weak tag does not tell bytes apart. */
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

async function orMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
