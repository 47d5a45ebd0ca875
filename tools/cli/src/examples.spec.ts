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

it('the embedded model labels every image in examples/ by its name with a score above 0.5', async () => {
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

it('every image in examples/ has the drawing that it is rendered from', async () => {
  expect(await names(examples, '.jpg')).toEqual(await names(join(examples, 'drawings'), '.svg'));
});
