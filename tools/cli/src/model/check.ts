import { StartError } from '@labelfleet/runtime';
import { glob } from 'node:fs/promises';
import { dirname } from 'node:path';
import { tryModel } from './trial.ts';

/** What is to be said of a model directory. */
export type Checked = { kind: 'usable'; line: string } | { kind: 'fault'; line: string };

/** Opens a model directory as the service does, and tries a picture. */
export async function checkModel(dir: string): Promise<Checked> {
  try {
    const { name, version, top } = await tryModel(dir, 1);
    return { kind: 'usable', line: `ok     ${dir}: ${name} ${version}, sample: ${top.join(', ')}` };
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return { kind: 'fault', line: `fault  ${dir}: ${error.message}` };
  }
}

/** The model directories below a folder of models: NAME/VERSION. */
export async function installedModels(modelsDir: string): Promise<string[]> {
  const dirs: string[] = [];
  for await (const path of glob(`${modelsDir}/*/*/manifest.json`)) dirs.push(dirname(path));
  return dirs.sort();
}
