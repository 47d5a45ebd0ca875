import { EXIT, StartError } from '@labelfleet/runtime';
import { access } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Sees to it that there is a model at all: a worker says so only in its own log, after its boot.
 * @throws StartError where there is none
 */
export async function checkModelDir(modelDir: string): Promise<void> {
  try {
    await access(join(modelDir, 'manifest.json'));
  } catch (error) {
    throw new StartError(
      `MODEL_DIR=${modelDir}: there is no model (no manifest.json that can be read)`,
      EXIT.noInput,
      { cause: error },
    );
  }
}
