import { exampleModels, plain, textured } from '@labelfleet/inference/testing';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'labelfleet-classify-'));
  await writeFile(join(folder, 'image.png'), await textured().png().toBuffer());
  await writeFile(join(folder, 'notes.txt'), 'not an image');
  await mkdir(join(folder, 'album', 'old'), { recursive: true });
  for (const [name, colour] of Object.entries({ 'b 2': 'red', 'b 10': 'lime', 'old/a': 'blue' })) {
    await writeFile(join(folder, 'album', `${name}.png`), await plain(colour).png().toBuffer());
  }
});
afterAll(() => rm(folder, { recursive: true }));

const classify = (...args: string[]) => classifyWith({}, ...args);

async function classifyWith(
  { env = {}, input = '' }: { env?: Record<string, string>; input?: string },
  ...args: string[]
) {
  const script = join(import.meta.dirname, 'classify.ts');
  const options = { cwd: folder, env: { ...process.env, ...env } };
  const child = spawn(process.execPath, [script, ...args], options);
  child.stdin.end(input);
  const exited = new Promise((resolve) => child.on('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await exited, stdout, stderr };
}

it('prints a line per file, in order, and one on standard error for a file that is not an image', async () => {
  const { code, stdout, stderr } = await classify('image.png', 'notes.txt', './image.png');
  expect(stdout).toMatch(
    /^image\.png\t[^\t\n]+\t[01]\.\d{4}\n\.\/image\.png\t[^\t\n]+\t[01]\.\d{4}\n$/,
  );
  expect(stderr).toBe('notes.txt: The file is not a JPEG, PNG, WebP, GIF, AVIF or TIFF image.\n');
  expect(code).toBe(1);
});

const COLOURS = { MODEL_DIR: exampleModels.anySize };
const colours = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t')[1]);

it('uses the model of MODEL_DIR, and prefers the one of --model', async () => {
  const { stdout } = await classifyWith({ env: COLOURS }, 'album/b 2.png');
  expect(colours(stdout)).toEqual(['red']);
  const other = await classifyWith(
    { env: COLOURS },
    '--model',
    exampleModels.oldFormat,
    'album/b 2.png',
  );
  expect(colours(other.stdout)).toEqual(['grey']);
});

it('classifies a folder and the folders below it, and reports a path that does not exist', async () => {
  const { code, stdout, stderr } = await classifyWith({ env: COLOURS }, 'album', 'nowhere');
  expect(colours(stdout)).toEqual(['red', 'green', 'blue']);
  expect(stdout).toMatch(/^album\/b 2\.png\t.*\nalbum\/b 10\.png\t.*\nalbum\/old\/a\.png\t/);
  expect(stderr).toBe('nowhere: There is no such file or folder. Check the path.\n');
  expect(code).toBe(1);
});

it.each([
  ['lines', 'album/old/a.png\nalbum/b 2.png\n'],
  ['lines of Windows', 'album/old/a.png\r\nalbum/b 2.png\r\n'],
  ['NULs', 'album/old/a.png\0album/b 2.png\0'],
  ['a folder and a file', 'album/old\nalbum/b 2.png'],
])('replaces - by the paths that standard input lists (%s)', async (_, input) => {
  const { code, stdout } = await classifyWith({ env: COLOURS, input }, 'album/b 10.png', '-');
  expect(colours(stdout)).toEqual(['green', 'blue', 'red']);
  expect(code).toBe(0);
});

it('exits with 66 when standard input lists no file', async () => {
  const { code, stderr } = await classify('-');
  expect(stderr).toBe('Standard input lists no file. Write one path per line.\n');
  expect(code).toBe(66);
});

it('prints JSON lines with as many predictions as --top-k asks for', async () => {
  const { code, stdout } = await classify('--json', '--top-k', '2', 'image.png');
  const prediction = {
    label: expect.any(String) as string,
    score: expect.any(Number) as number,
    classIndex: expect.any(Number) as number,
  };
  expect(JSON.parse(stdout)).toEqual({
    file: 'image.png',
    predictions: [prediction, prediction],
  });
  expect(code).toBe(0);
});

it('names a model directory that does not exist in one line', async () => {
  const { code, stderr } = await classify('--model', 'nowhere', 'image.png');
  expect(stderr).toMatch(
    /^The model's nowhere\/manifest\.json cannot be read: There is no such file or folder\. Check the path\.\n$/,
  );
  expect(code).toBe(66);
});

// ONNX Runtime's telemetry, which is turned off, crashed on command lines of more than 16,000 characters.
it('classifies 300 files that are named on a command line of 27,000 characters', async () => {
  const files = Array.from({ length: 300 }, () => `${'./'.repeat(40)}image.png`);
  const { code, stdout } = await classify(...files);
  expect({ code, lines: stdout.trim().split('\n').length }).toEqual({ code: 0, lines: 300 });
});
