import { embeddedModelDir } from '@labelfleet/inference';
import { StartError } from '@labelfleet/runtime';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { pipeline } from 'node:stream/promises';
import { classifyFiles } from './classify-files.ts';
import { formatJson, formatLine } from './format.ts';
import { openModel } from './open-model.ts';
import { parseOptions, USAGE, type Options } from './options.ts';

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') process.stdout.write(`${USAGE}\n`);
  else process.exitCode = await classify(options);
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}

/** @returns the exit code: 1 when a file could not be classified */
async function classify({ files, topK, json, modelDir }: Options): Promise<number> {
  const threads = Math.min(availableParallelism(), files.length);
  await using classifier = await openModel(modelDir ?? embeddedModelDir, threads);
  const outcomes = classifyFiles(files, {
    classifier,
    read: (file) => readFile(file),
    topK,
    // While each thread has a file, the next is read.
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
    // Whoever reads has seen enough, such as `head`.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
  });
  return exitCode;
}
