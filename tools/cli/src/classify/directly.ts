import { lowestScore, type ModelDescription } from '@labelfleet/contracts';
import { EXIT, StartError } from '@labelfleet/runtime';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { classifyFiles, type FileOutcome } from '../classify-files.ts';
import type { Expanded } from '../expand-paths.ts';
import { openModel } from '../open-model.ts';
import type { Options } from '../options.ts';

/** Classifies files by the model itself, and yields their outcomes in the order of the files. */
export async function* classifyDirectly(
  files: readonly Expanded[],
  { topK, minPrecision, modelDir }: Pick<Options, 'topK' | 'minPrecision'> & { modelDir: string },
  signal: AbortSignal,
): AsyncGenerator<FileOutcome> {
  if (files.length === 0) return;
  const threads = Math.min(availableParallelism(), files.length);
  await using classifier = await openModel(modelDir, threads);
  const lowest = minPrecision && lowestScoreOf(classifier.description, minPrecision);
  const outcomes = classifyFiles(files, {
    classifier,
    read: (file) => readFile(file),
    topK,
    // One file per thread is classified while the next is read.
    concurrency: 2 * threads,
  });
  for await (const outcome of outcomes) {
    yield lowest === undefined ? outcome : withoutUnsureLabel(outcome, lowest);
    if (signal.aborted) return;
  }
}

/** @throws StartError if nothing is known about the precision of the model */
function lowestScoreOf({ name, version, calibration }: ModelDescription, minPrecision: number) {
  if (calibration !== undefined) return lowestScore(calibration, minPrecision);
  throw new StartError(
    `--min-precision cannot be applied: the model ${name}/${version} has no calibration table. Make it with npm run model:evaluate -- --data FOLDER --save.`,
    EXIT.noInput,
  );
}

function withoutUnsureLabel(outcome: FileOutcome, lowest: number): FileOutcome {
  if (outcome.kind !== 'classified') return outcome;
  const [best] = outcome.predictions;
  return best !== undefined && best.score < lowest ? { ...outcome, unknown: true } : outcome;
}
