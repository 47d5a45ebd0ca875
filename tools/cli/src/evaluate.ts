import { embeddedModelDir } from '@labelfleet/inference';
import { EXIT, readWorkspace, runCommand, StartError } from '@labelfleet/runtime';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { classifyFiles, type ClassifiedFile } from './classify-files.ts';
import { calibrate } from './evaluate/calibrate.ts';
import { formatEvaluation, type Evaluation } from './evaluate/format.ts';
import { listFolders, listImages, readClassList } from './evaluate/images.ts';
import { matchFolders } from './evaluate/match-folders.ts';
import { measure } from './evaluate/metrics.ts';
import { parseOptions, USAGE, type Options } from './evaluate/options.ts';
import { measureOthers } from './evaluate/precision-table.ts';
import { saveEvaluation } from './evaluate/save.ts';
import { expandPaths, type Expanded } from './expand-paths.ts';
import { openModel } from './open-model.ts';
import { openProgress } from './progress.ts';

await runCommand(async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const evaluation = await evaluate({ ...readWorkspace(process.env), ...options });
  const lines = options.json ? [JSON.stringify(evaluation)] : formatEvaluation(evaluation);
  process.stdout.write(`${lines.join('\n')}\n`);
  return evaluation.failed + (evaluation.others?.failed ?? 0) > 0 ? 1 : 0;
});

async function evaluate({
  data,
  noneOfThese,
  share,
  save,
  modelDir = embeddedModelDir,
  threads = availableParallelism(),
}: Options): Promise<Evaluation> {
  await using classifier = await openModel(modelDir, threads);
  const { labels } = classifier.description;
  const truth = await listLabeledImages(data, labels);
  const others = noneOfThese === undefined ? [] : await expandPaths([noneOfThese]);
  using progress = openProgress(
    {
      name: 'evaluating',
      total: truth.size + others.length,
      formatAmount: (done) => `${done}`,
    },
    process.stderr,
  );
  let done = 0;
  const classifyAll = async (files: readonly Expanded[]) => {
    const classified: ClassifiedFile[] = [];
    let failed = 0;
    const read = (file: string) => readFile(file);
    const options = { classifier, read, topK: 5, concurrency: 2 * threads };
    for await (const outcome of classifyFiles(files, options)) {
      if (outcome.kind === 'classified') classified.push(outcome);
      else {
        failed += 1;
        process.stderr.write(`${outcome.file}: ${outcome.detail}\n`);
      }
      progress.update((done += 1));
    }
    return { classified, failed };
  };
  const start = performance.now();
  const own = await classifyAll([...truth.keys()].map((file) => ({ kind: 'file', file })));
  const seconds = (performance.now() - start) / 1000;
  const observations = own.classified.map(({ file, predictions }) => ({
    classIndex: truth.get(file) ?? -1,
    predictions,
  }));
  const other = await classifyAll(others);
  const evaluation: Evaluation = {
    model: classifier.model,
    ...measure(observations, labels),
    failed: own.failed,
    threads,
    imagesPerSecond: observations.length / seconds,
    calibration: calibrate(observations),
    ...(other.classified.length > 0 && {
      others: measureOthers(observations, other.classified, { failed: other.failed, share }),
    }),
  };
  if (save) await saveEvaluation(modelDir, evaluation);
  return evaluation;
}

/** Maps each image's path to its class index. @throws StartError if no image is of a class of the model */
async function listLabeledImages(
  data: string,
  labels: readonly string[],
): Promise<Map<string, number>> {
  const { classes, unknown } = matchFolders(
    await listFolders(data),
    labels,
    await readClassList(data),
  );
  const images = new Map<string, number>();
  for (const [folder, classIndex] of classes) {
    for (const image of await listImages(join(data, folder))) images.set(image, classIndex);
  }
  if (images.size === 0) {
    const what = 'no folder that is named after a class of the model and contains images';
    throw new StartError(`${data} contains ${what}.`, EXIT.noInput);
  }
  if (unknown.length > 0) process.stderr.write(`${skippedFolders(unknown)}\n`);
  return images;
}

function skippedFolders(unknown: readonly string[]): string {
  const more = unknown.length > 3 ? ` and ${unknown.length - 3} more` : '';
  return `Skipped because the model has no such class: ${unknown.slice(0, 3).join(', ')}${more}`;
}
