import { textured } from '@labelfleet/inference/testing';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'labelfleet-classify-'));
  await writeFile(join(folder, 'picture.png'), await textured().png().toBuffer());
  await writeFile(join(folder, 'notes.txt'), 'no picture');
});
afterAll(() => rm(folder, { recursive: true }));

async function classify(...args: string[]) {
  const script = join(import.meta.dirname, 'classify.ts');
  const child = spawn(process.execPath, [script, ...args], { cwd: folder });
  const exited = new Promise((resolve) => child.on('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await exited, stdout, stderr };
}

it('prints a line per file, in order, and one on standard error for what is no picture', async () => {
  const { code, stdout, stderr } = await classify('picture.png', 'notes.txt', './picture.png');
  expect(stdout).toMatch(
    /^picture\.png\t[^\t\n]+\t[01]\.\d{4}\n\.\/picture\.png\t[^\t\n]+\t[01]\.\d{4}\n$/,
  );
  expect(stderr).toBe('notes.txt: The file is not a JPEG, PNG, WebP, GIF, AVIF or TIFF image.\n');
  expect(code).toBe(1);
});

it('prints JSON lines with as many predictions as asked for', async () => {
  const { code, stdout } = await classify('--json', '--top-k', '2', 'picture.png');
  const prediction = {
    label: expect.any(String) as string,
    score: expect.any(Number) as number,
    classIndex: expect.any(Number) as number,
  };
  expect(JSON.parse(stdout)).toEqual({
    file: 'picture.png',
    predictions: [prediction, prediction],
  });
  expect(code).toBe(0);
});

it('a model that is not there is told in a line', async () => {
  const { code, stderr } = await classify('--model', 'nowhere', 'picture.png');
  expect(stderr).toMatch(/^The model's nowhere\/manifest\.json cannot be read: ENOENT[^\n]+\n$/);
  expect(code).toBe(66);
});

// The runtime's own telemetry, which is turned off, crashed on command lines of more than 16,000 characters.
it('takes as many files as fit on a command line', async () => {
  const files = Array.from({ length: 300 }, () => `${'./'.repeat(40)}picture.png`);
  const { code, stdout } = await classify(...files);
  expect({ code, lines: stdout.trim().split('\n').length }).toEqual({ code: 0, lines: 300 });
});
