import { decodeApiKeys, encodeApiKeys, type ApiKey } from '@labelfleet/contracts';
import { EXIT, isSystemError, StartError } from '@labelfleet/runtime';
import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';

/**
 * The keys of a file; none if there is no such file yet.
 * @throws StartError that names every fault of the file
 */
export async function readKeys(path: string, now: number): Promise<ApiKey[]> {
  const text = await ifExists(() => readFile(path, 'utf8'));
  if (text === undefined) return [];
  const decoded = decodeApiKeys(text, now);
  if (decoded.kind === 'keys') return decoded.keys;
  throw new StartError(
    `${path} is no file of API keys, and was not changed:\n  ${decoded.faults.join('\n  ')}`,
    EXIT.config,
  );
}

/** Replaces the file atomically. Only its owner, who stays the same, may read it. */
export async function writeKeys(path: string, keys: readonly ApiKey[]): Promise<void> {
  // The file behind a symbolic link is replaced, not the link.
  const target = (await ifExists(() => realpath(path))) ?? resolve(path);
  const existing = await ifExists(() => stat(target));
  const temporary = `${target}.${process.pid}`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(encodeApiKeys(keys));
      if (existing !== undefined && existing.uid !== process.getuid?.())
        await file.chown(existing.uid, existing.gid);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function ifExists<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
