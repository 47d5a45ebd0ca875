import { createClient } from '@labelfleet/client';
import { embeddedModelDir } from '@labelfleet/inference';
import { EXIT, readWorkspace, runCommand, StartError } from '@labelfleet/runtime';
import { text } from 'node:stream/consumers';
import { checkReachable } from './check-reachable.ts';
import type { FileOutcome } from './classify-files.ts';
import { classifyByService, type ServiceOptions } from './classify/by-service.ts';
import { classifyDirectly } from './classify/directly.ts';
import { fileOutput, streamOutput, type Output } from './classify/output.ts';
import { expandPaths, type Expanded } from './expand-paths.ts';
import { formatFor } from './format.ts';
import { isReference, needsService, parseOptions, USAGE, type Options } from './options.ts';
import { parsePathList } from './path-list.ts';
import { openProgress, type Progress } from './progress.ts';
import { INTERRUPTED, signalOfUser } from './signal-of-user.ts';

await runCommand(async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options !== 'help') return await classify(options);
  process.stdout.write(`${USAGE}\n`);
  return 0;
});

/** @returns the exit code: 1 if a file could not be classified, 130 if the user stopped it */
async function classify(options: Options): Promise<number> {
  const paths = await insertListed(options.paths);
  const reference = options.url === undefined ? paths.find(isReference) : undefined;
  if (reference !== undefined) throw needsService(reference);
  const { outputFile } = options;
  await using output =
    outputFile === undefined
      ? await streamOutput(process.stdout, formatFor(options))
      : await fileOutput(outputFile, formatFor(options));
  const files = (await expandPaths(paths)).filter(({ file }) => !output.files.has(file));
  using progress = openProgress(
    {
      name: 'images',
      total: files.length,
      formatAmount: String,
      // On a terminal the labels themselves show the progress.
      hidden: outputFile === undefined && process.stdout.isTTY,
    },
    process.stderr,
  );
  const signal = signalOfUser();
  const outcomes =
    options.url === undefined
      ? classifyDirectly(files, { ...options, modelDir: modelDirOf(options) }, signal)
      : await classifyAt(options.url, files, options, { signal, progress });
  const failed = await writeAll(outcomes, output, progress, signal);
  if (!signal.aborted) return failed > 0 ? 1 : 0;
  progress.line(
    outputFile === undefined ? 'Stopped.' : 'Stopped. The same command again continues.',
  );
  return INTERRUPTED;
}

/** @returns how many failed */
async function writeAll(
  outcomes: AsyncIterable<FileOutcome>,
  output: Output,
  progress: Progress,
  signal: AbortSignal,
): Promise<number> {
  let [done, failed] = [0, 0];
  try {
    for await (const outcome of outcomes) {
      if (outcome.kind === 'classified') await output.write(outcome);
      else if (!signal.aborted) {
        failed += 1;
        progress.line(`${outcome.file}: ${outcome.detail}`);
      }
      progress.update(++done);
    }
  } catch (error) {
    // The reader of the output closed it after it had read enough, as `head` does.
    const isClosed = error instanceof Error && 'code' in error && error.code === 'EPIPE';
    // Ctrl-C also ends the calls of the service and the classifier processes.
    if (!isClosed && !signal.aborted) throw error;
  }
  return failed;
}

function modelDirOf({ modelDir }: Options): string {
  return modelDir ?? readWorkspace(process.env).modelDir ?? embeddedModelDir;
}

/** Yields the outcomes as they come. @throws StartError if nothing listens at the URL */
async function classifyAt(
  url: URL,
  files: readonly Expanded[],
  { topK, minPrecision }: Options,
  { signal, progress }: Pick<ServiceOptions, 'signal' | 'progress'>,
): Promise<AsyncIterable<FileOutcome>> {
  await checkReachable(url);
  const client = createClient({ url, apiKey: process.env['LABELFLEET_API_KEY'] || undefined });
  return classifyByService(files, { client, topK, minPrecision, signal, progress });
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
