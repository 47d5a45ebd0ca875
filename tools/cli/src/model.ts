import { embeddedModelDir } from '@labelfleet/inference';
import { MODEL_CATALOG } from '@labelfleet/inference/model-tools';
import { EXIT, StartError } from '@labelfleet/runtime';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { addModel } from './model/add.ts';
import { checkModel, installedModels } from './model/check.ts';
import { formatCatalog } from './model/list.ts';
import { parseOptions, USAGE, type Options } from './model/options.ts';
import { pullModel } from './model/pull.ts';
import type { Trial } from './model/trial.ts';

const modelsDir = join('.labelfleet', 'models');

/** As shells have it for a program ended by Ctrl-C. */
const STOPPED = 130;

/** Aborted by the first Ctrl-C: what is half done is taken back. The second ends the process. */
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

try {
  process.exitCode = await run(parseOptions(process.argv.slice(2)));
} catch (error) {
  const failure = stop.signal.aborted ? new StartError('Stopped.', STOPPED) : asFailure(error);
  process.stderr.write(`${failure.message}\n`);
  process.exitCode = failure.exitCode;
}

/** A full disk or a folder of someone else's is for the person who started this, as a StartError is. */
function asFailure(error: unknown): StartError {
  if (error instanceof StartError) return error;
  if (error instanceof Error && 'syscall' in error) {
    return new StartError(error.message, EXIT.cannotCreate, { cause: error });
  }
  throw error;
}

async function run(options: Options): Promise<number> {
  switch (options.command) {
    case 'help':
      say(USAGE);
      return 0;
    case 'list':
      say(...formatCatalog(MODEL_CATALOG));
      return 0;
    case 'pull':
      return await pull(options);
    case 'add':
      return await add(options);
    case 'check':
      return await check(options.dirs);
  }
}

async function pull({ name, from, to }: Extract<Options, { command: 'pull' }>): Promise<number> {
  const entry = MODEL_CATALOG.find((model) => model.name === name);
  if (entry === undefined) {
    const names = MODEL_CATALOG.map((model) => model.name).join(', ');
    throw new StartError(`There is no model "${name}" in the catalogue: ${names}.`, EXIT.usage);
  }
  const dir = to ?? placeOf(name, entry.version);
  const partialDir = join(modelsDir, '.partial');
  const { signal } = stop;
  sayReady(
    await pullModel(entry, { from, dir, partialDir, signal, terminal: process.stderr }),
    dir,
  );
  return 0;
}

async function add({ file, texts, to }: Extract<Options, { command: 'add' }>): Promise<number> {
  const terminal = process.stdin.isTTY
    ? createInterface({ input: process.stdin, output: process.stderr })
    : undefined;
  // Ctrl-C and Ctrl-D, which at a question go to the terminal's own interface.
  terminal?.once('close', () => stop.abort());
  try {
    const { signal } = stop;
    const ask = terminal && ((question: string) => terminal.question(question, { signal }));
    const place = (name: string, version: string) => to ?? placeOf(name, version);
    const { trial, dir } = await addModel({ file, texts, ask, place, signal });
    sayReady(trial, dir);
    return 0;
  } finally {
    terminal?.close();
  }
}

async function check(dirs: readonly string[]): Promise<number> {
  const all = dirs.length > 0 ? dirs : [embeddedModelDir, ...(await installedModels(modelsDir))];
  let exitCode = 0;
  for (const dir of all) {
    const { kind, line } = await checkModel(dir);
    if (kind === 'fault') exitCode = EXIT.noInput;
    say(line);
  }
  return exitCode;
}

function placeOf(name: string, version: string): string {
  return join(modelsDir, name, version);
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
