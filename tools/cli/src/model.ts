import { embeddedModelDir } from '@labelfleet/inference';
import { MODEL_CATALOG } from '@labelfleet/inference/model-tools';
import { EXIT, readWorkspace, runCommand, StartError, type Workspace } from '@labelfleet/runtime';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { addModel } from './model/add.ts';
import { checkModel, installedModels } from './model/check.ts';
import { doubtModel } from './model/doubt.ts';
import { formatCatalog } from './model/list.ts';
import { parseOptions, USAGE, type Options } from './model/options.ts';
import { pullModel } from './model/pull.ts';
import type { Trial } from './model/trial.ts';

/** As shells have it for a program ended by Ctrl-C. */
const STOPPED = 130;

/** Aborted by the first Ctrl-C: what is half done is taken back. The second ends the process. */
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

await runCommand(async () => {
  try {
    return await run(parseOptions(process.argv.slice(2)), readWorkspace(process.env));
  } catch (error) {
    throw stop.signal.aborted ? new StartError('Stopped.', STOPPED, { cause: error }) : error;
  }
});

async function run(options: Options, workspace: Workspace): Promise<number> {
  switch (options.command) {
    case 'help':
      say(USAGE);
      return 0;
    case 'list':
      say(...formatCatalog(MODEL_CATALOG));
      return 0;
    case 'pull':
      return await pull(options, workspace.modelsDir);
    case 'add':
      return await add(options, workspace.modelsDir);
    case 'check':
      return await check(options.dirs, workspace);
  }
}

async function pull(
  { name, from, to }: Extract<Options, { command: 'pull' }>,
  modelsDir: string,
): Promise<number> {
  const entry = MODEL_CATALOG.find((model) => model.name === name);
  if (entry === undefined) {
    const names = MODEL_CATALOG.map((model) => model.name).join(', ');
    throw new StartError(`There is no model "${name}" in the catalogue: ${names}.`, EXIT.usage);
  }
  const dir = to ?? join(modelsDir, name, entry.version);
  const partialDir = join(modelsDir, '.partial');
  const { signal } = stop;
  sayReady(
    await pullModel(entry, { from, dir, partialDir, signal, terminal: process.stderr }),
    dir,
  );
  return 0;
}

async function add(
  { file, texts, background, to }: Extract<Options, { command: 'add' }>,
  modelsDir: string,
): Promise<number> {
  const terminal = process.stdin.isTTY
    ? createInterface({ input: process.stdin, output: process.stderr })
    : undefined;
  // Ctrl-C and Ctrl-D, which at a question go to the terminal's own interface.
  terminal?.once('close', () => stop.abort());
  try {
    const { signal } = stop;
    const ask = terminal && ((question: string) => terminal.question(question, { signal }));
    const place = (name: string, version: string) => to ?? join(modelsDir, name, version);
    const { trial, dir } = await addModel({ file, texts, background, ask, place, signal });
    sayReady(trial, dir);
    const doubt = await doubtModel(dir);
    if (doubt !== undefined) process.stderr.write(`In doubt: ${doubt} (Remove ${dir} first.)\n`);
    return 0;
  } finally {
    terminal?.close();
  }
}

async function check(given: readonly string[], workspace: Workspace): Promise<number> {
  const kinds = new Set<string>();
  for (const dir of given.length > 0 ? given : await knownModels(workspace)) {
    const { kind, line } = await checkModel(dir);
    kinds.add(kind);
    say(line);
  }
  if (kinds.has('fault')) return EXIT.noInput;
  return kinds.has('doubtful') ? 1 : 0;
}

async function knownModels({ modelDir, modelsDir }: Workspace): Promise<string[]> {
  const dirs = [embeddedModelDir, ...(await installedModels(modelsDir))];
  const isKnown = dirs.some((dir) => modelDir === undefined || resolve(dir) === resolve(modelDir));
  return isKnown || modelDir === undefined ? dirs : [...dirs, modelDir];
}

function sayReady({ name, version, top }: Trial, dir: string): void {
  say(
    `${name} ${version} is in ${dir}`,
    `tried on examples/orange.jpg: ${top.join(', ')}`,
    `To use it: MODEL_DIR=${dir} npm start, or npm run classify -- --model ${dir} PHOTO`,
  );
}

function say(...lines: string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}
