import { embeddedModelDir } from '@labelfleet/inference';
import { EXIT, readWorkspace, runCommand, StartError } from '@labelfleet/runtime';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { classifyFiles } from './classify-files.ts';
import { expandPaths } from './expand-paths.ts';
import { formatJson, formatLine } from './format.ts';
import { openModel } from './open-model.ts';
import { parseOptions, USAGE, type Options } from './options.ts';
import { parsePathList } from './path-list.ts';

await runCommand(async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options !== 'help') return await classify(options, readWorkspace(process.env).modelDir);
  process.stdout.write(`${USAGE}\n`);
  return 0;
});

/** @returns the exit code: 1 if a file could not be classified */
async function classify(
  { paths, topK, json, modelDir }: Options,
  modelDirOfEnvironment: string | undefined,
): Promise<number> {
  const files = await expandPaths(await insertListed(paths));
  const threads = Math.min(availableParallelism(), files.length);
  await using classifier = await openModel(
    modelDir ?? modelDirOfEnvironment ?? embeddedModelDir,
    threads,
  );
  const outcomes = classifyFiles(files, {
    classifier,
    read: (file) => readFile(file),
    topK,
    // One file per thread is classified while the next is read.
    concurrency: 2 * threads,
  });
  let exitCode = 0;
  async function* lines() {
    for await (const outcome of outcomes) {
      if (outcome.kind === 'classified') {
        yield `${json ? formatJson(outcome) : formatLine(outcome)}\n`;
        continue;
      }
      exitCode = 1;
      process.stderr.write(`${outcome.file}: ${outcome.detail}\n`);
    }
  }
  await pipeline(lines, process.stdout, { end: false }).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
  });
  return exitCode;
}

/** Replaces `-` by the paths that standard input lists. @throws StartError if it lists none */
async function insertListed(paths: readonly string[]): Promise<string[]> {
  if (!paths.includes('-')) return [...paths];
  if (process.stdin.isTTY) {
    process.stderr.write(
      'Reading paths from standard input, one per line. Ctrl-D ends the list.\n',
    );
  }
  const listed = parsePathList(await text(process.stdin));
  if (listed.length === 0) {
    throw new StartError('Standard input lists no file. Write one path per line.', EXIT.noInput);
  }
  const at = paths.indexOf('-');
  return [...paths.slice(0, at), ...listed, ...paths.slice(at + 1)];
}
