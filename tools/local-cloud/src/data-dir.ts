import { access, chmod, constants, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EXIT, StartError } from '@labelfleet/runtime';

/** Read, written and entered by its owner alone. */
const PRIVATE = 0o700;

export interface DataDir {
  readonly path: string;
  /** Takes a temporary one away. */
  close(): Promise<void>;
}

/**
 * The folder of this name, made if it is not there; a temporary one if there is no name.
 * @throws StartError when it cannot be made or written to
 */
export async function openDataDir(path: string | undefined): Promise<DataDir> {
  if (path === undefined) {
    const temporary = await mkdtemp(join(tmpdir(), 'local-cloud-'));
    return { path: temporary, close: () => rm(temporary, { recursive: true, force: true }) };
  }
  try {
    await mkdir(path, { recursive: true, mode: PRIVATE });
    await chmod(path, PRIVATE); // an earlier version may have made it
    await access(path, constants.W_OK);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartError(`The data folder ${path} cannot be used: ${why}`, EXIT.cannotCreate, {
      cause: error,
    });
  }
  return { path, close: async () => {} };
}
