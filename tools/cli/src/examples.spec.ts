import { embeddedModelDir } from '@labelfleet/inference';
import { OnnxClassifier, readModelDir } from '@labelfleet/inference/model-tools';
import { readdir, readFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { expect, it } from 'vitest';
import { MAX_PIXELS } from './open-model.ts';

const examples = join(import.meta.dirname, '../../../examples');
const names = async (folder: string, extension: string) =>
  (await readdir(folder))
    .filter((name) => name.endsWith(extension))
    .map((name) => parse(name).name);

it('every picture in examples/ is what the embedded model takes it for, with half of all certainty', async () => {
  await using classifier = await OnnxClassifier.open(await readModelDir(embeddedModelDir), {
    maxPixels: MAX_PIXELS,
  });
  for (const label of await names(examples, '.jpg')) {
    const outcome = await classifier.classify(await readFile(join(examples, `${label}.jpg`)), 1);
    if (outcome.kind === 'bad-image') throw new Error(outcome.detail);
    const [best] = outcome.predictions;
    expect(best?.label).toBe(label);
    expect(best?.score, label).toBeGreaterThan(0.5);
  }
});

it('every picture has a drawing that it is made of', async () => {
  expect(await names(examples, '.jpg')).toEqual(await names(join(examples, 'drawings'), '.svg'));
});
