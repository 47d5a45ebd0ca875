import { StartError } from '@labelfleet/runtime';
import { glob } from 'node:fs/promises';
import { dirname } from 'node:path';
import { doubtModel } from './doubt.ts';
import { tryModel } from './trial.ts';

/** The outcome of a check, and the line that reports it. */
export type CheckOutcome = { kind: 'usable' | 'doubtful' | 'fault'; line: string };

/** Opens a model directory as a worker does, and classifies the sample images. */
export async function checkModel(dir: string): Promise<CheckOutcome> {
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

/** Lists the model directories NAME/VERSION in a folder of models. */
export async function installedModels(modelsDir: string): Promise<string[]> {
  const dirs: string[] = [];
  for await (const path of glob(`${modelsDir}/*/*/manifest.json`)) dirs.push(dirname(path));
  return dirs.sort();
}
