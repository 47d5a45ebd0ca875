import { EXIT } from '@labelfleet/runtime';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readLabels } from './labels-source.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'labelfleet-labels-'));
  await writeFile(join(folder, 'ids.tsv'), 'n1\tox\nn2\tbee\n');
  await writeFile(join(folder, 'tabs.txt'), 'ox\nbee\tbig\nlion\n');
});
afterAll(() => rm(folder, { recursive: true }));

it('returns the labels of ImageNet, with the background class before them if asked', async () => {
  expect((await readLabels('imagenet-1k', false)).slice(0, 2)).toEqual(['tench', 'goldfish']);
  const labels = await readLabels('imagenet-1k', true);
  expect(labels).toHaveLength(1001);
  expect(labels.slice(0, 2)).toEqual(['background', 'tench']);
});

it('reads labels from a file of ids and labels', async () => {
  expect(await readLabels(join(folder, 'ids.tsv'), false)).toEqual(['ox', 'bee']);
});

it.each([
  ['tabs.txt', /tabs\.txt has no tab on line 1, but one on other lines/],
  ['none.txt', /^The labels .*none\.txt cannot be read: There is no such file or folder\./],
  ['', /cannot be read: It is a folder and not a file\./],
])('refuses "%s" and says why', async (name, message) => {
  await expect(readLabels(join(folder, name), false)).rejects.toMatchObject({
    message: expect.stringMatching(message) as string,
    exitCode: EXIT.noInput,
  });
});
