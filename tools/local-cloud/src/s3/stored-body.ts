import { randomUUID } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import { Digests, type Algorithm } from './checksums.ts';
import { writeAll } from './object-file.ts';

/**
 * Bodies up to this size are kept in memory and written at once. A file operation of a thread costs more CPU than the
 * operation itself.
 */
export const AT_ONCE_BYTES = 1_048_576;

/** A body that belongs to no object yet. */
export interface StoredBody {
  /** A temporary file. */
  readonly path: string;
  /** Undefined if the body is in the file; otherwise the file does not exist yet. */
  readonly chunks: readonly Buffer[] | undefined;
  readonly size: number;
  /** Base64 by name: MD5 and the requested checksums. */
  readonly digests: Readonly<Record<string, string>>;
}

/**
 * Keeps a body in memory, or writes it to a file in the folder if it is large, and computes its digests. The caller
 * completes and renames the file, or discards the body.
 */
export async function storeBody(
  folder: string,
  body: AsyncIterable<Buffer> | Iterable<Buffer>,
  names: readonly (Algorithm | 'md5')[],
): Promise<StoredBody> {
  const digests = new Digests(names);
  const path = join(folder, randomUUID());
  let small: Buffer[] | undefined = [];
  let file: FileHandle | undefined;
  let size = 0;
  try {
    for await (const chunk of body) {
      digests.update(chunk);
      if (small !== undefined && size + chunk.length > AT_ONCE_BYTES) {
        file = await open(path, 'wx', 0o600);
        await writeAll(file, Buffer.concat(small), 0);
        small = undefined;
      }
      small?.push(chunk);
      if (file !== undefined) await writeAll(file, chunk, size);
      size += chunk.length;
    }
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file?.close();
  }
  return { path, chunks: small, size, digests: await digests.finish() };
}

export const discardBody = ({ path }: StoredBody): Promise<void> => rm(path, { force: true });
