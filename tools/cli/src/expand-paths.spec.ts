import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expandPaths } from './expand-paths.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'labelfleet-expand-'));
  for (const name of ['in/deep', 'in/.git', 'empty', 'shut']) {
    await mkdir(join(folder, name), { recursive: true });
  }
  const files = ['in/2.jpg', 'in/10.JPG', 'in/deep/a.webp', 'in/notes.txt', 'in/.hidden.png'];
  for (const name of [...files, 'in/.git/b.png', 'image', 'empty/notes.txt']) {
    await writeFile(join(folder, name), '');
  }
  await symlink('..', join(folder, 'in', 'deep', 'up'));
  await symlink('../image', join(folder, 'in', 'link.png'));
  await chmod(join(folder, 'shut'), 0);
});
afterAll(() => rm(folder, { recursive: true }));

async function expand(...names: string[]) {
  const all = await expandPaths(names.map((name) => join(folder, name)));
  return all.map((one) => {
    const name = relative(folder, one.file);
    return one.kind === 'file' ? name : `${name}: ${one.detail}`;
  });
}

it('expands a folder to the images in it and below it, with numbers in numeric order', async () => {
  expect(await expand('in')).toEqual(['in/2.jpg', 'in/10.JPG', 'in/deep/a.webp', 'in/link.png']);
});

it('keeps files whatever their names, and paths that do not exist', async () => {
  expect(await expand('image', 'in/notes.txt', 'nowhere')).toEqual([
    'image',
    'in/notes.txt',
    'nowhere',
  ]);
});

it('reports a folder without images in its position', async () => {
  expect(await expand('empty', 'image')).toEqual([
    'empty: There is no image in this folder (.jpg, .jpeg, .png, .webp, .gif, .avif, .tif, .tiff).',
    'image',
  ]);
});

it.skipIf(process.getuid?.() === 0)(
  'reports a folder that cannot be read (not as root)',
  async () => {
    expect(await expand('shut')).toEqual([expect.stringContaining('Access is denied.')]);
  },
);
