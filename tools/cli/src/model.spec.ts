import { exampleModels } from '@labelfleet/inference/testing';
import { EXIT } from '@labelfleet/runtime';
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startFileServer } from './testing/file-server.ts';

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'labelfleet-models-'))));
afterAll(() => rm(folder, { recursive: true }));

async function model(...args: string[]) {
  const script = join(import.meta.dirname, 'model.ts');
  const stdio = ['ignore', 'pipe', 'pipe'] as const;
  const child = spawn(process.execPath, [script, ...args], { cwd: folder, stdio: [...stdio] });
  const exited = new Promise((resolve) => child.on('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await exited, stdout, stderr };
}

it('adds a model, and checks it with the embedded one', async () => {
  const source = join(exampleModels.oldFormat, 'model.onnx');
  const labels = join(exampleModels.oldFormat, 'labels.txt');
  const added = await model('add', source, '--labels', labels, '--preset', 'raw', '--name', 'grey');
  expect(added).toMatchObject({ code: 0, stderr: '' });
  expect(added.stdout).toMatch(
    /^grey 1 is in \.labelfleet\/models\/grey\/1\ntried on examples\/orange\.jpg: \S+ 0\.\d\d, .*\nTo use it: MODEL_DIR=\.labelfleet\/models\/grey\/1 npm start/,
  );
  const checked = await model('check');
  expect(checked).toMatchObject({ code: 0, stderr: '' });
  expect(checked.stdout).toMatch(
    /^ok {5}\S+: \S+ \S+, sample: orange 0\.\d\d\nok {5}\.labelfleet\/models\/grey\/1: grey 1, sample: \S+ 0\.\d\d\n$/,
  );
});

it('checks on where one directory cannot be used', async () => {
  const { code, stdout } = await model('check', 'nowhere', exampleModels.anySize);
  expect(stdout).toMatch(/^fault {2}nowhere: The model's .* cannot be read: ENOENT.*\nok {5}.*\n$/);
  expect(code).toBe(EXIT.noInput);
});

it('lists the catalogue', async () => {
  const { code, stdout } = await model('list');
  expect(stdout).toMatch(/^name +MB +top-1 % +top-5 % +licence\n/);
  expect(stdout).toMatch(/^mobilenet-v2-int8 +3\.7 +68\.30 +88\.44 +Apache-2\.0$/m);
  expect(code).toBe(0);
});

it('fetches from the address it is given, and tells in a line why a model cannot be had', async () => {
  await using server = await startFileServer((_, response) => response.writeHead(404).end());
  const { code, stderr } = await model('pull', 'squeezenet1.1', '--from', server.url.href);
  expect(server.requests).toEqual(['/models/squeezenet/model/squeezenet1.1-7.onnx']);
  expect(stderr).toBe(
    `squeezenet1.1 cannot be had from ${server.url.href}squeezenet/model/squeezenet1.1-7.onnx: the server answers 404.\n`,
  );
  expect(code).toBe(EXIT.unavailable);
  expect(await readdir(join(folder, '.labelfleet', 'models')).catch(() => [])).not.toContain(
    'squeezenet1.1',
  );
});

it('names what is missing where there is no terminal', async () => {
  const { code, stderr } = await model('add', join(exampleModels.oldFormat, 'model.onnx'));
  expect(stderr).toMatch(/^What is missing, and the file does not tell:\n {2}--labels /);
  expect(code).toBe(EXIT.usage);
});
