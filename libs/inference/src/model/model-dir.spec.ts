import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { embeddedModelDir } from './embedded-model.ts';
import { readModelDir } from './model-dir.ts';
import { ModelError } from './model-error.ts';
import { OnnxClassifier } from '../classify/onnx-classifier.ts';

const exampleDir = join(import.meta.dirname, '../../testing/models/any-size');

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'labelfleet-model-'));
  await cp(exampleDir, dir, { recursive: true });
});
afterEach(() => rm(dir, { recursive: true }));

/** Changes the manifest; `path` is dotted. */
async function change(path: string, value: unknown): Promise<void> {
  const file = join(dir, 'manifest.json');
  const manifest: unknown = JSON.parse(await readFile(file, 'utf8'));
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const parent = keys.reduce(
    (at, key) => (at as Record<string, object>)[key] ?? {},
    manifest as object,
  );
  Object.assign(parent, { [last]: value });
  await writeFile(file, JSON.stringify(manifest));
}

/** Opens the model directory as a classifier process does. */
const open = async () =>
  await OnnxClassifier.open(await readModelDir(dir), { maxPixels: 1_000_000 });

async function fault(): Promise<string> {
  const error: unknown = await open().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ModelError);
  return (error as ModelError).message.replaceAll(dir, 'DIR');
}

it('the embedded model can be used unchanged', async () => {
  const { manifest, labels } = await readModelDir(embeddedModelDir);
  expect(manifest).toMatchObject({ name: 'everyday-100', version: '1' });
  expect(labels).toHaveLength(100);
});

describe('a model directory is rejected with an explanation when', () => {
  it('it does not exist', async () => {
    await rm(join(dir, 'manifest.json'));
    expect(await fault()).toMatch(
      /^The model's DIR\/manifest.json cannot be read: There is no such file or folder\./,
    );
  });

  it('its manifest is not JSON', async () => {
    await writeFile(join(dir, 'manifest.json'), '{');
    expect(await fault()).toMatch(/^DIR\/manifest.json is not a model manifest: not JSON/);
  });

  it.each([
    ['format', 2],
    ['name', ''],
    ['file', '../model.onnx'],
    ['sha256', 'abc'],
    ['input.layout', 'CHW'],
    ['input.channels', 'GRB'],
    ['input.std', [1, 0, 1]],
    ['input.mean', [1, 1]],
    ['input.resize', { mode: 'shorter-side', size: 64, kernel: 'best' }],
    ['output.kind', 'scores'],
    ['output.temperature', 0],
  ])('its manifest gives %s as %j', async (path, value) => {
    await change(path, value);
    expect(await fault()).toMatch(
      new RegExp(`^DIR/manifest.json is not a model manifest: [^]*at ${path}`),
    );
  });

  it.each([
    [
      { width: 64, height: 64 },
      'resize "none" without a crop gives images of different sizes, not 64 x 64',
    ],
    [{ crop: 'center' }, 'crop "center" needs a width and a height'],
    [
      { width: 64, height: 64, crop: 'center' },
      'crop "center" needs a resize, because an image may be smaller',
    ],
    [
      {
        width: 64,
        height: 80,
        crop: 'center',
        resize: { mode: 'shorter-side', size: 72, kernel: 'linear' },
      },
      'crop "center" cannot crop 64 x 80 from an image resized to 72',
    ],
    [
      { width: 64, height: null, resize: { mode: 'stretch', size: 72, kernel: 'linear' } },
      'stretching to 72 does not give 64 x any',
    ],
  ])('its resize and crop do not lead to its size: %j', async (input, message) => {
    for (const [key, value] of Object.entries(input)) await change(`input.${key}`, value);
    expect(await fault()).toContain(message);
  });

  it('its output is probabilities with a temperature', async () => {
    await change('output.temperature', 2);
    expect(await fault()).toContain('temperature applies only to logits');
  });

  it('the model file has another hash than the manifest', async () => {
    await writeFile(join(dir, 'model.onnx'), 'not a model');
    expect(await fault()).toMatch(
      /^DIR\/model.onnx is not the file that the manifest names: its SHA-256 is [0-9a-f]{64}, not [0-9a-f]{64}\.$/,
    );
  });

  it('the model file is missing', async () => {
    await rm(join(dir, 'model.onnx'));
    expect(await fault()).toMatch(
      /^The model's DIR\/model.onnx cannot be read: There is no such file or folder\./,
    );
  });

  it('the model file is not a model', async () => {
    await writeFile(join(dir, 'model.onnx'), 'abc');
    await change('sha256', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(await fault()).toMatch(/^The model DIR\/model.onnx cannot be opened: /);
  });

  it.each([
    ['has no label', 'blue\n\nred\n', 'has no label on line 2'],
    ['has a tab', 'blue\nn1\tgreen\nred\n', 'has a tab on line 2, which a label must not contain'],
    ['is no text', 'blue\ngreen\u0000\nred\n', 'has characters that are not text on line 2'],
  ])('a line of the labels %s', async (_, text, message) => {
    await writeFile(join(dir, 'labels.txt'), text);
    expect(await fault()).toContain(`DIR/labels.txt ${message}`);
  });

  it.each(['model.onnx', 'labels.txt', 'manifest.json'])(
    '%s is a Git LFS pointer, whatever follows its first line',
    async (name) => {
      for (const more of ['oid sha256:4d7a\nsize 12345\n', 'oid sha256:4d7a\n', '']) {
        await writeFile(join(dir, name), `version https://git-lfs.github.com/spec/v1\n${more}`);
        expect(await fault()).toBe(
          `DIR/${name} is a Git LFS pointer, not the file itself. Download the file with "git lfs pull" in its repository.`,
        );
      }
    },
  );

  it('the model file is empty', async () => {
    await writeFile(join(dir, 'model.onnx'), '');
    expect(await fault()).toBe('DIR/model.onnx is empty. Copy or download it again.');
  });

  it('the numbers of labels and classes differ', async () => {
    await writeFile(join(dir, 'labels.txt'), 'blue\r\n');
    expect(await fault()).toBe('The model DIR/model.onnx gives 3 values, and there are 1 labels.');
  });

  it('there is one label less than classes, as with a background class', async () => {
    await writeFile(join(dir, 'labels.txt'), 'blue\ngreen\n');
    expect(await fault()).toMatch(
      /gives 3 values, and there are 2 labels\. .*background.* use .*--background.*, .*labels\.txt/,
    );
  });

  it('the input shapes of model and manifest differ', async () => {
    await change('input.layout', 'NCHW');
    expect(await fault()).toBe(
      'The model DIR/model.onnx takes [batch, height, width, 3], and its manifest gives [1, 3, any, any].',
    );
  });
});
