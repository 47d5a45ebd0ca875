import { access, chmod, constants, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EXIT, StartError } from '@labelfleet/runtime';

/** Only the owner may read, write and enter the folder. */
const PRIVATE = 0o700;

export interface DataDir {
  readonly path: string;
  /** Removes a temporary folder. */
  close(): Promise<void>;
}

/**
 * Opens the folder at this path and creates it if needed. Without a path, creates a temporary folder.
 * @throws StartError if it cannot be created or written to
 */
export async function openDataDir(path: string | undefined): Promise<DataDir> {
  if (path === undefined) {
    const temporary = await mkdtemp(join(tmpdir(), 'local-cloud-'));
    return { path: temporary, close: () => rm(temporary, { recursive: true, force: true }) };
  }
  try {
    await mkdir(path, { recursive: true, mode: PRIVATE });
    await chmod(path, PRIVATE); // an earlier version may have created it with other permissions
    await access(path, constants.W_OK);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartError(`The data folder ${path} cannot be used: ${why}`, EXIT.cannotCreate, {
      cause: error,
    });
  }
  return { path, close: async () => {} };
}
