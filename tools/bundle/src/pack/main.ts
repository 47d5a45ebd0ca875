import { ModelError } from '@labelfleet/inference';
import { commandLine, EXIT, runCommand, StartError } from '@labelfleet/runtime';
import { stat } from 'node:fs/promises';
import { ARCHS, isArch } from './arch.ts';
import { pack } from './pack.ts';

const { fault, parse } = commandLine(
  `usage: npx nx run <app>:pack [--arch ${ARCHS.join('|')}] [--model FOLDER]   (both architectures without --arch)`,
);

await runCommand(async () => {
  const { values, positionals } = parse({
    args: process.argv.slice(2),
    allowPositionals: true,
    options: { arch: { type: 'string' }, model: { type: 'string' } },
  });
  const [root] = positionals;
  if (root === undefined) throw fault('which app?');
  const { arch, model: modelDir } = values;
  if (arch !== undefined && !isArch(arch)) throw fault(`--arch ${arch}: there is no such one`);
  if (modelDir !== undefined && !root.endsWith('/worker')) {
    throw fault('--model: only workers have a model');
  }
  for (const each of arch === undefined ? ARCHS : [arch]) {
    const { file, sha256 } = await pack(root, { arch: each, modelDir }).catch(explainModel);
    const megabytes = ((await stat(file)).size / 1e6).toFixed(1);
    process.stdout.write(`${sha256}  ${file}  ${megabytes} MB\n`);
  }
  return 0;
});

function explainModel(error: unknown): never {
  if (error instanceof ModelError) {
    throw new StartError(error.message, EXIT.noInput, { cause: error });
  }
  throw error;
}
