import { embeddedModelDir, ModelError, openClassifier } from '@labelfleet/inference';
import { EXIT, StartError } from '@labelfleet/runtime';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { pipeline } from 'node:stream/promises';
import { classifyFiles } from './classify-files.ts';
import { formatJson, formatLine } from './format.ts';
import { parseOptions, USAGE, type Options } from './options.ts';

/** As the service's default, so that both say the same of a file. */
const MAX_PIXELS = 50_000_000;

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
  await using classifier = await open(modelDir ?? embeddedModelDir, threads);
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

async function open(modelDir: string, threads: number) {
  try {
    return await openClassifier({ modelDir, threads, maxPixels: MAX_PIXELS });
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    throw new StartError(error.message, EXIT.noInput, { cause: error });
  }
}
