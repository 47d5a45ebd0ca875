import { randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { Digests, type Algorithm } from './checksums.ts';
import { writeAll } from './object-file.ts';

/** A body in a temporary file that belongs to no object yet. */
export interface StoredBody {
  readonly path: string;
  readonly size: number;
  /** Base64 by name: MD5 and the requested checksums. */
  readonly digests: Readonly<Record<string, string>>;
}

/** Writes a body to a file in the folder and computes its digests. The caller renames the file or discards it. */
export async function storeBody(
  folder: string,
  body: AsyncIterable<Buffer>,
  names: readonly (Algorithm | 'md5')[],
): Promise<StoredBody> {
  const digests = new Digests(names);
  const path = join(folder, randomUUID());
  let size = 0;
  await using file = await open(path, 'wx', 0o600);
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
  return { path, size, digests: await digests.finish() };
}

export const discardBody = ({ path }: StoredBody): Promise<void> => rm(path, { force: true });
