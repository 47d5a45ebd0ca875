import { readModelDir } from '@labelfleet/inference/model-tools';
import { exampleModels } from '@labelfleet/inference/testing';
import { EXIT, type StartError } from '@labelfleet/runtime';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Texts } from './add-answers.ts';
import { addModel, type Adding } from './add.ts';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'labelfleet-add-'))));
afterEach(() => rm(folder, { recursive: true }));

const onnx = (dir: string) => join(dir, 'model.onnx');
const labelsOf = (dir: string) => join(dir, 'labels.txt');

const add = async (file: string, texts: Texts, ask?: Adding['ask'], background = false) =>
  await addModel({
    ...{ file, texts, background, ask, signal: new AbortController().signal },
    place: (name, version) => join(folder, name, version),
  }).catch((error: StartError) => error);

it('takes a model of the first years, and reads off it what can be read off', async () => {
  const labels = labelsOf(exampleModels.oldFormat);
  const outcome = await add(onnx(exampleModels.oldFormat), { labels, preset: 'raw', name: 'grey' });
  const dir = join(folder, 'grey', '1');
  expect(outcome).toMatchObject({ dir, trial: { name: 'grey', version: '1' } });
  const made = await readModelDir(dir);
  const given = await readModelDir(exampleModels.oldFormat);
  expect(made.manifest).toEqual({ ...given.manifest, name: 'grey' });
  expect(made.labels).toEqual(given.labels);
});

it('finds that a model gives probabilities, and believes its owner where he says otherwise', async () => {
  const [file, labels] = [onnx(exampleModels.anySize), labelsOf(exampleModels.anySize)];
  await add(file, { labels, preset: 'raw', name: 'read' });
  await add(file, { labels, preset: 'raw', name: 'told', kind: 'logits' });
  const kinds = ['read', 'told'].map(async (name) => {
    const { manifest } = await readModelDir(join(folder, name, '1'));
    return manifest.output.kind;
  });
  expect(await Promise.all(kinds)).toEqual(['probabilities', 'logits']);
});

it('asks for what is missing, a preset first, and again for what it does not understand', async () => {
  const asked: string[] = [];
  const labels = labelsOf(exampleModels.oldFormat);
  const answers = [labels, 'torch', 'own', 'stretch', '1/127.5', '1,1,1', '1,1,1'];
  const outcome = await add(onnx(exampleModels.oldFormat), {}, async (question) => {
    asked.push(question.split('\n').at(-1)?.split(':')[0] ?? '');
    return answers.shift() ?? '';
  });
  expect(outcome).toMatchObject({ dir: join(folder, 'model', '1') });
  const preset = 'What was it fed in training';
  expect(asked).toEqual([
    'The file with its labels, one a line in class order (or imagenet-1k)',
    preset,
    preset,
    'How a picture comes to its size',
    'What a pixel (0 to 255) is multiplied by',
    'What is then subtracted, for each channel',
    'What it is then divided by, for each channel',
  ]);
});

it('names every missing option where nobody can be asked', async () => {
  const outcome = await add(onnx(exampleModels.anySize), {});
  expect(outcome).toMatchObject({ exitCode: EXIT.usage });
  expect((outcome as StartError).message.match(/--\S+/g)).toEqual([
    ...['--labels', '--input-size', '--resize', '--scale', '--mean', '--std'],
    ...['--preset', '--resize,', '--scale,', '--mean', '--std.'],
  ]);
});

it.each<[string, () => string, Texts, number, string]>([
  ['no model', () => join(folder, 'two.txt'), {}, EXIT.noInput, 'two.txt cannot be opened: '],
  [
    'other labels',
    () => onnx(exampleModels.oldFormat),
    { labels: 'two.txt' },
    EXIT.noInput,
    'model.onnx gives 3 values, and there are 2 labels. Models from TensorFlow often',
  ],
  [
    'labels that are not there',
    () => onnx(exampleModels.oldFormat),
    { labels: 'none.txt' },
    EXIT.noInput,
    'none.txt cannot be read: There is no such file or folder. Check the path.',
  ],
  [
    'another size than the model takes',
    () => onnx(exampleModels.oldFormat),
    { labels: 'two.txt', 'input-size': '9x9' },
    EXIT.noInput,
    'model.onnx takes [1, 3, 8, 8], and its manifest gives [1, 3, 9, 9].',
  ],
  [
    'a preprocessing that does not lead to its size',
    () => onnx(exampleModels.oldFormat),
    { labels: 'two.txt', resize: 'none' },
    EXIT.noInput,
    'The preprocessing does not fit the model: ',
  ],
])('refuses %s in a sentence and leaves nothing', async (_, file, texts, exitCode, message) => {
  await writeFile(join(folder, 'two.txt'), 'black\nwhite\n');
  const labels = join(folder, texts.labels ?? 'two.txt');
  const outcome = await add(file(), { preset: 'raw', ...texts, labels });
  expect(outcome).toMatchObject({
    exitCode,
    message: expect.stringContaining(message) as string,
  });
  expect(await readdir(folder)).toEqual(['two.txt']);
});
