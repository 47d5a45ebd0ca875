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

/** The exit code that shells report for a program ended by Ctrl-C. */
const STOPPED = 130;

/** The first Ctrl-C aborts, and the command removes what it has written so far. The second ends the process. */
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
      print(USAGE);
      return 0;
    case 'list':
      print(...formatCatalog(MODEL_CATALOG));
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
    throw new StartError(`The catalogue has no model "${name}". It has: ${names}.`, EXIT.usage);
  }
  const dir = to ?? join(modelsDir, name, entry.version);
  const partialDir = join(modelsDir, '.partial');
  const { signal } = stop;
  printReady(
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
  // While a question waits for its answer, Ctrl-C and Ctrl-D reach the readline interface and not the process.
  terminal?.once('close', () => stop.abort());
  try {
    const { signal } = stop;
    const ask = terminal && ((question: string) => terminal.question(question, { signal }));
    const dirFor = (name: string, version: string) => to ?? join(modelsDir, name, version);
    const { trial, dir } = await addModel({ file, texts, background, ask, dirFor, signal });
    printReady(trial, dir);
    const doubt = await doubtModel(dir);
    if (doubt !== undefined)
      process.stderr.write(`The model is doubtful: ${doubt} (Remove ${dir} first.)\n`);
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
    print(line);
  }
  if (kinds.has('fault')) return EXIT.noInput;
  return kinds.has('doubtful') ? 1 : 0;
}

async function knownModels({ modelDir, modelsDir }: Workspace): Promise<string[]> {
  const dirs = [embeddedModelDir, ...(await installedModels(modelsDir))];
  const isKnown = dirs.some((dir) => modelDir === undefined || resolve(dir) === resolve(modelDir));
  return isKnown || modelDir === undefined ? dirs : [...dirs, modelDir];
}

function printReady({ name, version, top }: Trial, dir: string): void {
  print(
    `${name} ${version} is in ${dir}`,
    `labels examples/orange.jpg as: ${top.join(', ')}`,
    `To use it: MODEL_DIR=${dir} npm start, or npm run classify -- --model ${dir} IMAGE`,
  );
}

function print(...lines: string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}
