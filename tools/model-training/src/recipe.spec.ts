import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const recipe = join(import.meta.dirname, '..', 'recipe');

/** Debian installs the packages for /usr/bin/python3, and another Python may come first on the path. */
const python = ['python3', '/usr/bin/python3'].find(
  (command) => spawnSync(command, ['-c', 'import torch, onnx, PIL, numpy']).status === 0,
);
const why =
  python === undefined ? ' (skipped: no Python with torch, onnx, PIL and numpy here)' : '';

describe.skipIf(python === undefined)(`the recipe${why}`, { timeout: 280_000 }, () => {
  const runPython = (...args: string[]) =>
    run(python ?? '', ['-B', ...args], {
      cwd: recipe,
      env: { PATH: process.env['PATH'], OMP_NUM_THREADS: '1' },
    });
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'labelfleet-recipe-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('passes its own tests', async () => {
    expect((await runPython('-m', 'unittest')).stderr).toMatch(/\nOK\n$/);
  });

  it('creates a model directory with which the classifier returns the labels that PyTorch does', async () => {
    const tar = join(folder, 'images.tar');
    await runPython('made_up_images.py', tar);
    const { stdout } = await runPython(
      ...['make_model.py', '--short', '--tar', tar, '--node', process.execPath],
      ...['--work', join(folder, 'work'), '--out', join(folder, 'out'), '--name', 'made-up'],
    );
    expect(stdout).toContain('the product agrees with PyTorch on 30 of 30 labels');
    expect((await readdir(join(folder, 'out', 'made-up', '1'))).sort()).toEqual([
      'README.md',
      'confusion.png',
      'labels.txt',
      'manifest.json',
      'model.onnx',
      'settings.json',
      'training-log.txt',
    ]);
  });
});
