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
import { samplePicture } from './trial.ts';

/**
 * Tries a model, which opens without fault, on the images in examples/, each named by what it shows, and in other
 * ways too where that goes badly.
 * @returns what speaks against its preprocessing, in sentences; undefined where nothing does
 */
export async function doubtModel(dir: string): Promise<string | undefined> {
  const model = await readModelDir(dir);
  const { input, output } = model.manifest;
  const sample = await readSample();
  await using classifier = await OnnxClassifier.open(model, { maxPixels: MAX_PIXELS });
  const figuresWith = async (way: ModelInput): Promise<SampleFigures | undefined> => {
    const rows: Float32Array[] = [];
    for (const { bytes } of sample) rows.push(await observeRow(classifier, way, bytes, MAX_PIXELS));
    const names = sample.map(({ name }) => name);
    return sampleFigures(rows, names, output, model.labels);
  };
  const figures = await figuresWith(input);
  if (figures === undefined) return 'It gives values that are no numbers for a sample image.';
  if (!isSuspicious(input, figures)) return undefined;
  const tried: Tried[] = [];
  for (const candidate of candidatesFor(input)) {
    const found = await figuresWith(candidate.input);
    if (found !== undefined) tried.push({ ...candidate, figures: found });
  }
  return doubtOf(input, figures, tried);
}

async function readSample(): Promise<{ name: string; bytes: Uint8Array }[]> {
  const folder = dirname(samplePicture);
  const files = (await readdir(folder)).filter((file) => file.endsWith('.jpg')).sort();
  return await Promise.all(
    files.map(async (file) => ({
      name: parse(file).name,
      bytes: await readFile(join(folder, file)),
    })),
  );
}
