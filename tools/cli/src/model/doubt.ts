import {
  observeRow,
  OnnxClassifier,
  readModelDir,
  type ModelInput,
} from '@labelfleet/inference/model-tools';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, parse } from 'node:path';
import { MAX_PIXELS } from '../open-model.ts';
import { candidatesFor } from './candidates.ts';
import { doubtOf, isSuspicious, type Tried } from './judge-preprocessing.ts';
import { sampleFigures, type SampleFigures } from './sample-figures.ts';
import { sampleImage } from './trial.ts';

/**
 * Classifies the sample images in examples/, whose names are their labels, with a model that opens without fault. If
 * the labels are bad, it also tries other preprocessings.
 * @returns why the preprocessing is probably wrong, in sentences; undefined if it is not
 */
export async function doubtModel(dir: string): Promise<string | undefined> {
  const model = await readModelDir(dir);
  const { input, output } = model.manifest;
  const sample = await readSample();
  await using classifier = await OnnxClassifier.open(model, { maxPixels: MAX_PIXELS });
  const figuresWith = async (preprocessing: ModelInput): Promise<SampleFigures | undefined> => {
    const rows: Float32Array[] = [];
    for (const { bytes } of sample)
      rows.push(await observeRow(classifier, preprocessing, bytes, MAX_PIXELS));
    const names = sample.map(({ name }) => name);
    return sampleFigures(rows, names, output, model.labels);
  };
  const figures = await figuresWith(input);
  if (figures === undefined)
    return 'Its output for a sample image contains values that are not finite numbers.';
  if (!isSuspicious(input, figures)) return undefined;
  const tried: Tried[] = [];
  for (const candidate of candidatesFor(input)) {
    const found = await figuresWith(candidate.input);
    if (found !== undefined) tried.push({ ...candidate, figures: found });
  }
  return doubtOf(input, figures, tried);
}

async function readSample(): Promise<{ name: string; bytes: Uint8Array }[]> {
  const folder = dirname(sampleImage);
  const files = (await readdir(folder)).filter((file) => file.endsWith('.jpg')).sort();
  return await Promise.all(
    files.map(async (file) => ({
      name: parse(file).name,
      bytes: await readFile(join(folder, file)),
    })),
  );
}
