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

it('takes the images of a folder and of those below it, as a person counts', async () => {
  expect(await expand('in')).toEqual(['in/2.jpg', 'in/10.JPG', 'in/deep/a.webp', 'in/link.png']);
});

it('takes a file whatever its name, and what is not there, for the reading to say so', async () => {
  expect(await expand('image', 'in/notes.txt', 'nowhere')).toEqual([
    'image',
    'in/notes.txt',
    'nowhere',
  ]);
});

it('says that a folder has no images, in its place', async () => {
  expect(await expand('empty', 'image')).toEqual([
    'empty: There is no image in this folder (.jpg, .jpeg, .png, .webp, .gif, .avif, .tif, .tiff).',
    'image',
  ]);
});

it.skipIf(process.getuid?.() === 0)('says that a folder cannot be read (not as root)', async () => {
  expect(await expand('shut')).toEqual([expect.stringContaining('Access is denied.')]);
});
