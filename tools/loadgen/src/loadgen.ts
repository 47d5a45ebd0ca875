import { EXIT, explain, StartError } from '@labelfleet/runtime';
import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { checkReachable } from '@labelfleet/cli/check-reachable';
import type { Display } from './display.ts';
import { parseExpectations, type Expectations } from './expectations.ts';
import { answerLine, answersCsv, summaryLines } from './format.ts';
import { listImages } from './image-files.ts';
import type { LoadgenOptions } from './options.ts';
import { runLoad } from './run.ts';
import { summarise } from './summary.ts';

/**
 * Runs the command: sends the images, shows and compares the answers, and writes the results.
 * @returns the lines of the summary, and whether every answer was right
 * @throws StartError if the run cannot begin or its results cannot be written
 */
export async function loadgen(
  options: LoadgenOptions,
  openDisplay: (total: number) => Display,
): Promise<{ lines: string[]; allRight: boolean }> {
  const files = await listImages(options.images);
  const requests = options.requests ?? files.length;
  const expected = await readExpectations(options.expectFile, files.slice(0, requests));
  const { outputFile } = options;
  // The file is also written before the run, so that an unwritable path fails before any request is sent.
  if (outputFile !== undefined) await write(outputFile, '');
  await checkReachable(options.url);
  const result = await run({ ...options, files, requests, expected }, openDisplay(requests));
  if (outputFile !== undefined) await write(outputFile, answersCsv(result.answers));
  const summary = summarise(result);
  return {
    lines: summaryLines(summary, expected !== undefined),
    allRight: summary.right === requests,
  };
}

async function run(load: Parameters<typeof runLoad>[0], display: Display) {
  using shown = display;
  return await runLoad({
    ...load,
    onAnswer: (answer) => {
      shown.answered(answerLine(answer), answer.outcome.kind);
    },
  });
}

async function readExpectations(
  path: string | undefined,
  files: readonly string[],
): Promise<Expectations | undefined> {
  if (path === undefined) return undefined;
  const expected = parse(path, await read(path));
  const unknown = files.map((file) => basename(file)).filter((name) => !expected.has(name));
  if (unknown.length === 0) return expected;
  throw new StartError(
    `${path} has no label for ${unknown.length} of the ${files.length} images, such as ${unknown[0]}`,
    EXIT.noInput,
  );
}

function parse(path: string, text: string): Expectations {
  try {
    return parseExpectations(text);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    throw new StartError(`${path}, ${error.message}`, error.exitCode, { cause: error });
  }
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new StartError(
      `The expected labels ${path} cannot be read: ${explain(error)}`,
      EXIT.noInput,
      {
        cause: error,
      },
    );
  }
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new StartError(
      `The answers cannot be written to ${path}: ${explain(error)}`,
      EXIT.cannotCreate,
      {
        cause: error,
      },
    );
  }
}
