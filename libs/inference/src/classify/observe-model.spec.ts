import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { embeddedModelDir } from '../model/embedded-model.ts';
import { readModelDir } from '../model/model-dir.ts';
import { ModelError } from '../model/model-error.ts';
import { observeOutputKind, outputKind, readModelShape } from './observe-model.ts';
import { textured } from '../testing/images.ts';

const models = join(import.meta.dirname, '../../testing/models');

it.each([
  ['sums to one', [0.2, 0.5, 0.3], 'probabilities'],
  ['sums to one except for rounding', [0.2, 0.5, 0.3009], 'probabilities'],
  ['sums to more than one', [0.2, 0.5, 0.302], 'logits'],
  ['sums to one with a negative value', [-0.2, 0.5, 0.7], 'logits'],
  ['is all zero', [0, 0, 0], 'logits'],
  ['has a single one', [1, 0, 0], 'probabilities'],
  ['has a NaN', [Number.NaN, 0.5, 0.5], 'logits'],
])('a row that %s: %j are %3$s', (_, row, kind) => {
  expect(outputKind(Float32Array.from(row))).toBe(kind);
});

it.each([
  ['any-size', 'probabilities', [null, null, null, 3]],
  ['old-format', 'logits', [1, 3, 8, 8]],
])('%s gives %s and takes %j, by its own word', async (name, kind, input) => {
  const model = await readModelDir(join(models, name));
  const image = await textured(24, 24).png().toBuffer();
  expect(await observeOutputKind(model, image, 1000)).toBe(kind);
  expect(await readModelShape(model.file)).toEqual({ input });
});

it('readModelShape rejects a file that is not a model', async () => {
  const labels = join(embeddedModelDir, 'labels.txt');
  await expect(readModelShape(labels)).rejects.toThrow(ModelError);
  await expect(readModelShape(labels)).rejects.toThrow(`The model ${labels} cannot be opened: `);
});

it.each([
  ['is a pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 3\n', 'LFS'],
  ['is a pointer without a size', 'version https://git-lfs.github.com/spec/v1\n', 'LFS'],
  ['is empty', '', 'is empty.'],
  ['is not there', undefined, 'There is no such file or folder.'],
])('a file that %s has no shape, and its fault is named', async (_, text, message) => {
  const folder = await mkdtemp(join(tmpdir(), 'labelfleet-shape-'));
  const file = join(folder, 'model.onnx');
  if (text !== undefined) await writeFile(file, text);
  await expect(readModelShape(file)).rejects.toThrow(message);
  await rm(folder, { recursive: true });
});
