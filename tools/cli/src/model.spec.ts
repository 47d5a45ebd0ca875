import { exampleModels } from '@labelfleet/inference/testing';
import { EXIT } from '@labelfleet/runtime';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFileServer } from './testing/file-server.ts';

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'labelfleet-models-'))));
afterAll(() => rm(folder, { recursive: true }));

const model = (...args: string[]) => modelWith({}, ...args);

async function modelWith(env: Record<string, string>, ...args: string[]) {
  const script = join(import.meta.dirname, 'model.ts');
  const child = spawn(process.execPath, [script, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const exited = new Promise((resolve) => child.on('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await exited, stdout, stderr };
}

it('adds a model, and checks it together with the embedded model', async () => {
  const source = join(exampleModels.oldFormat, 'model.onnx');
  const labels = join(exampleModels.oldFormat, 'labels.txt');
  const added = await model('add', source, '--labels', labels, '--preset', 'raw', '--name', 'grey');
  expect(added).toMatchObject({ code: 0, stderr: '' });
  expect(added.stdout).toMatch(
    /^grey 1 is in \.labelfleet\/models\/grey\/1\nlabels examples\/orange\.jpg as: \S+ 0\.\d\d, .*\nTo use it: MODEL_DIR=\.labelfleet\/models\/grey\/1 npm start/,
  );
  const checked = await model('check');
  expect(checked).toMatchObject({ code: 0, stderr: '' });
  expect(checked.stdout).toMatch(
    /^ok {5}\S+: \S+ \S+, sample: orange 0\.\d\d\nok {5}\.labelfleet\/models\/grey\/1: grey 1, sample: \S+ 0\.\d\d\n$/,
  );
});

it('checks the other directories when one cannot be used', async () => {
  const { code, stdout } = await model('check', 'nowhere', exampleModels.anySize);
  expect(stdout).toMatch(
    /^fault {2}nowhere: The model's .* cannot be read: There is no such file or folder\. Check the path\.\nok {5}.*\n$/,
  );
  expect(code).toBe(EXIT.noInput);
});

it('keeps models in LABELFLEET_DATA_DIR, and also checks the model of MODEL_DIR', async () => {
  const env = { LABELFLEET_DATA_DIR: 'data', MODEL_DIR: exampleModels.anySize };
  const given = [join(exampleModels.oldFormat, 'model.onnx'), '--labels'];
  const labels = join(exampleModels.oldFormat, 'labels.txt');
  const added = await modelWith(env, 'add', ...given, labels, '--preset', 'raw', '--name', 'grey');
  expect(added.stdout).toMatch(/^grey 1 is in data\/models\/grey\/1\n/);
  const { stdout, code } = await modelWith(env, 'check');
  expect(stdout.replace(/: .*/g, '').split('\n').slice(1)).toEqual([
    'ok     data/models/grey/1',
    `ok     ${exampleModels.anySize}`,
    '',
  ]);
  expect(code).toBe(0);
});

const imagenetModel = '/work/shared/models/mobilenet-v2-224/1/model.onnx';
const exists = existsSync(imagenetModel);
if (!exists)
  console.warn(`skipping the tests with an ImageNet model: ${imagenetModel} does not exist`);

describe.skipIf(!exists)('an ImageNet model that was trained with values in [-1, 1]', () => {
  const add = (name: string, ...options: string[]) =>
    model('add', imagenetModel, '--labels', 'imagenet-1k', '--name', name, ...options);

  it('is not doubtful with the preset for that range', async () => {
    const { code, stderr } = await add('right', '--preset', 'tensorflow');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const checked = await model('check', '.labelfleet/models/right/1');
    expect(checked.stdout).toMatch(/^ok {5}.*sample: orange 0\.\d\d\n$/);
    expect(checked.code).toBe(0);
  });

  it.each([
    ['no-scale', '--resize shorter-side:256 --mean 128,128,128 --std 128,128,128'],
    ['pixels', '--preset imagenet --scale 1'],
    ['imagenet', '--preset imagenet'],
  ])(
    'is doubtful with other preprocessing (%s), and gets the right preset recommended',
    async (name, options) => {
      const { code, stderr } = await add(name, ...options.split(' '));
      expect(stderr).toMatch(
        /^The model is doubtful: It names [0-2] of 6 .*, and 5 with --preset tensorflow\./,
      );
      expect(code).toBe(0);
      const checked = await model('check', `.labelfleet/models/${name}/1`);
      expect(checked.stdout).toMatch(/^doubt {2}.* 5 with --preset tensorflow\./);
      expect(checked.code).toBe(1);
    },
  );
});

it.each([
  [
    'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n',
    'is a Git LFS pointer',
  ],
  ['version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n', 'is a Git LFS pointer'],
  ['', 'is empty.'],
])('refuses a file that is not a model and says what it is: %j', async (text, message) => {
  await writeFile(join(folder, 'no.onnx'), text);
  const { code, stderr } = await model('add', 'no.onnx', '--labels', 'imagenet-1k');
  expect(stderr).toContain(`no.onnx ${message}`);
  expect(code).toBe(EXIT.noInput);
});

it('labels the background class with --background, and suggests that option when a label is missing', async () => {
  const onnx = join(exampleModels.oldFormat, 'model.onnx');
  await writeFile(join(folder, 'two.txt'), '1\twhite\n0\tgrey\n');
  const given = ['add', onnx, '--labels', 'two.txt', '--preset', 'raw', '--name', 'background'];
  expect((await model(...given)).stderr).toMatch(
    /3 values, and there are 2 labels\..*--background/,
  );
  expect(await model(...given, '--background')).toMatchObject({ code: 0 });
  const labels = join(folder, '.labelfleet/models/background/1/labels.txt');
  expect(await readFile(labels, 'utf8')).toBe('background\ngrey\nwhite\n');
});

it('lists the catalogue', async () => {
  const { code, stdout } = await model('list');
  expect(stdout).toMatch(/^name +MB +top-1 % +top-5 % +licence\n/);
  expect(stdout).toMatch(/^mobilenet-v2-int8 +3\.7 +68\.30 +88\.44 +Apache-2\.0$/m);
  expect(code).toBe(0);
});

it('fetches from the URL of --from, and says in one line why a model cannot be fetched', async () => {
  await using server = await startFileServer((_, response) => response.writeHead(404).end());
  // The proxy is a port without a server: the command must not use it for an address on this machine.
  const proxied = { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: 'http://127.0.0.1:9', NO_PROXY: '' };
  const { code, stderr } = await modelWith(
    { ...proxied, no_proxy: '' },
    ...['pull', 'squeezenet1.1', '--from', server.url.href],
  );
  expect(server.requests).toEqual(['/models/squeezenet/model/squeezenet1.1-7.onnx']);
  expect(stderr).toBe(
    `squeezenet1.1 cannot be fetched from ${server.url.href}squeezenet/model/squeezenet1.1-7.onnx: the server responds with 404.\n`,
  );
  expect(code).toBe(EXIT.unavailable);
  expect(await readdir(join(folder, '.labelfleet', 'models')).catch(() => [])).not.toContain(
    'squeezenet1.1',
  );
});

it('names the missing options when there is no terminal', async () => {
  const { code, stderr } = await model('add', join(exampleModels.oldFormat, 'model.onnx'));
  expect(stderr).toMatch(
    /^These options are missing, and the file does not determine them:\n {2}--labels /,
  );
  expect(code).toBe(EXIT.usage);
});
