import { EXIT, explain, isSystemError, StartError } from '@labelfleet/runtime';
import { constants } from 'node:fs';
import { access, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** @throws StartError if no file can be written there */
export async function checkWritable(file: string): Promise<void> {
  await access(dirname(file), constants.W_OK).catch((error: unknown) => {
    throw cannotWrite(file, error);
  });
}

/**
 * Writes a file that appears under its name when it is complete.
 * @throws StartError if it cannot be written; what reading the chunks throws
 */
export async function saveFile(file: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const partial = `${file}.partial`;
  try {
    await using handle = await open(partial, 'w');
    for await (const chunk of chunks) await handle.writeFile(chunk);
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw isSystemError(error) ? cannotWrite(file, error) : error;
  }
}

const cannotWrite = (file: string, error: unknown) =>
  new StartError(`${file} cannot be written: ${explain(error)}`, EXIT.cannotCreate, {
    cause: error,
  });
