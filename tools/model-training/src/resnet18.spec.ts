import { OnnxClassifier, readModelDir } from '@labelfleet/inference/model-tools';
import { textured } from '@labelfleet/inference/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeResnet18 } from './resnet18.ts';

test('writes a model that the classifier can run', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'resnet18-'));
  try {
    const model = await readModelDir(await writeResnet18(join(folder, 'model')));
    await using classifier = await OnnxClassifier.open(model, { maxPixels: 1_000_000 });
    const image = await textured(300, 260).jpeg().toBuffer();
    expect(await classifier.classify(image, 1)).toMatchObject({ kind: 'classified' });
  } finally {
    await rm(folder, { recursive: true });
  }
});
