import { readModelDir } from '@labelfleet/inference/model-tools';
import { exampleModels } from '@labelfleet/inference/testing';
import { EXIT, type StartError } from '@labelfleet/runtime';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Texts } from './add-answers.ts';
import { addModel, type AddOptions } from './add.ts';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'labelfleet-add-'))));
afterEach(() => rm(folder, { recursive: true }));

const onnx = (dir: string) => join(dir, 'model.onnx');
const labelsOf = (dir: string) => join(dir, 'labels.txt');

const add = async (file: string, texts: Texts, ask?: AddOptions['ask'], background = false) =>
  await addModel({
    ...{ file, texts, background, ask, signal: new AbortController().signal },
    dirFor: (name, version) => join(folder, name, version),
  }).catch((error: StartError) => error);

it('adds a model of an old ONNX format, and reads its input and output from the file', async () => {
  const labels = labelsOf(exampleModels.oldFormat);
  const outcome = await add(onnx(exampleModels.oldFormat), { labels, preset: 'raw', name: 'grey' });
  const dir = join(folder, 'grey', '1');
  expect(outcome).toMatchObject({ dir, trial: { name: 'grey', version: '1' } });
  const made = await readModelDir(dir);
  const given = await readModelDir(exampleModels.oldFormat);
  expect(made.manifest).toEqual({ ...given.manifest, name: 'grey' });
  expect(made.labels).toEqual(given.labels);
});

it('detects that a model outputs probabilities, and lets --kind override that', async () => {
  const [file, labels] = [onnx(exampleModels.anySize), labelsOf(exampleModels.anySize)];
  await add(file, { labels, preset: 'raw', name: 'read' });
  await add(file, { labels, preset: 'raw', name: 'given', kind: 'logits' });
  const kinds = ['read', 'given'].map(async (name) => {
    const { manifest } = await readModelDir(join(folder, name, '1'));
    return manifest.output.kind;
  });
  expect(await Promise.all(kinds)).toEqual(['probabilities', 'logits']);
});

it('asks for missing answers, the preset first, and repeats a question after an invalid answer', async () => {
  const asked: string[] = [];
  const labels = labelsOf(exampleModels.oldFormat);
  const answers = [labels, 'torch', 'own', 'stretch', '1/127.5', '1,1,1', '1,1,1'];
  const outcome = await add(onnx(exampleModels.oldFormat), {}, async (question) => {
    asked.push(question.split('\n').at(-1)?.split(':')[0] ?? '');
    return answers.shift() ?? '';
  });
  expect(outcome).toMatchObject({ dir: join(folder, 'model', '1') });
  const preset = 'The preprocessing it was trained with';
  expect(asked).toEqual([
    'The file of its labels, one per line in class order (or imagenet-1k)',
    preset,
    preset,
    'How images are resized',
    'The factor for pixels (0 to 255)',
    'The mean to subtract per channel',
    'The standard deviation to divide by per channel',
  ]);
});

it('names every missing option when there is no terminal', async () => {
  const outcome = await add(onnx(exampleModels.anySize), {});
  expect(outcome).toMatchObject({ exitCode: EXIT.usage });
  expect((outcome as StartError).message.match(/--\S+/g)).toEqual([
    ...['--labels', '--input-size', '--resize', '--scale', '--mean', '--std'],
    ...['--preset', '--resize,', '--scale,', '--mean', '--std.'],
  ]);
});

it.each<[string, () => string, Texts, number, string]>([
  [
    'a file that is not a model',
    () => join(folder, 'two.txt'),
    {},
    EXIT.noInput,
    'two.txt cannot be opened: ',
  ],
  [
    'a file with too few labels',
    () => onnx(exampleModels.oldFormat),
    { labels: 'two.txt' },
    EXIT.noInput,
    'model.onnx gives 3 values, and there are 2 labels. Models from TensorFlow often',
  ],
  [
    'a file of labels that does not exist',
    () => onnx(exampleModels.oldFormat),
    { labels: 'none.txt' },
    EXIT.noInput,
    'none.txt cannot be read: There is no such file or folder. Check the path.',
  ],
  [
    "an input size that is not the model's",
    () => onnx(exampleModels.oldFormat),
    { labels: 'two.txt', 'input-size': '9x9' },
    EXIT.noInput,
    'model.onnx takes [1, 3, 8, 8], and its manifest gives [1, 3, 9, 9].',
  ],
  [
    'a preprocessing that does not produce the input size',
    () => onnx(exampleModels.oldFormat),
    { labels: 'two.txt', resize: 'none' },
    EXIT.noInput,
    'The preprocessing does not fit the model: ',
  ],
])('refuses %s and leaves no directory', async (_, file, texts, exitCode, message) => {
  await writeFile(join(folder, 'two.txt'), 'black\nwhite\n');
  const labels = join(folder, texts.labels ?? 'two.txt');
  const outcome = await add(file(), { preset: 'raw', ...texts, labels });
  expect(outcome).toMatchObject({
    exitCode,
    message: expect.stringContaining(message) as string,
  });
  expect(await readdir(folder)).toEqual(['two.txt']);
});
