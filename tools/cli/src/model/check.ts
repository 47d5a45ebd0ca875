import { StartError } from '@labelfleet/runtime';
import { glob } from 'node:fs/promises';
import { dirname } from 'node:path';
import { doubtModel } from './doubt.ts';
import { tryModel } from './trial.ts';

/** What is to be said of a model directory. */
export type Checked = { kind: 'usable' | 'doubtful' | 'fault'; line: string };

/** Opens a model directory as the service does, and tries the sample images. */
export async function checkModel(dir: string): Promise<Checked> {
  try {
    const { name, version, top } = await tryModel(dir, 1);
    const doubt = await doubtModel(dir);
    const line = `${dir}: ${name} ${version}, sample: ${top.join(', ')}`;
    return doubt === undefined
      ? { kind: 'usable', line: `ok     ${line}` }
      : { kind: 'doubtful', line: `doubt  ${line}. ${doubt}` };
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
