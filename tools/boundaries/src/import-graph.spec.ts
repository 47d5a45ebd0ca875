import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { filesInCycles, isTestFile, readImports, type Import } from './import-graph.ts';

const workspace = fileURLToPath(new URL('../../..', import.meta.url));

const imports = {
  apps: await readImports(workspace, 'apps'),
  libs: await readImports(workspace, 'libs'),
  tools: await readImports(workspace, 'tools'),
};
const toolPackages = await namesOfTools();

const TESTKIT = '@labelfleet/testkit';
const isPackage = (specifier: string, name: string) =>
  specifier === name || specifier.startsWith(`${name}/`);
const isTool = ({ to }: Import) =>
  to.startsWith('tools/') || toolPackages.some((name) => isPackage(to, name));

test.each(['apps', 'libs'] as const)(
  'no file of %s imports a tool, except that tests import testkit',
  (folder) => {
    const arrows = imports[folder]
      .filter(isTool)
      .filter(({ from, to }) => !(isTestFile(from) && isPackage(to, TESTKIT)));
    expect(arrows).toEqual([]);
  },
);

test('no file of apps, libs or tools imports a test file, except that tests do', () => {
  const arrows = Object.values(imports)
    .flat()
    .filter(({ from, to }) => isTestFile(to) && !isTestFile(from) && !isVerification(from));
  expect(arrows).toEqual([]);
});

test('the files of libs/scaling import each other without a cycle, types included', async () => {
  const scaling = await readImports(workspace, 'libs/scaling');
  expect(scaling.length).toBeGreaterThan(20);
  expect(filesInCycles(scaling)).toEqual([]);
});

describe('filesInCycles', () => {
  const arrows = (...pairs: string[]): Import[] =>
    pairs.map((pair) => ({ from: pair.charAt(0), to: pair.charAt(1) }));

  test.each([
    { title: 'finds none in a chain', pairs: ['ab', 'bc', 'ac'], found: [] },
    { title: 'finds a file that imports itself', pairs: ['ab', 'bb'], found: ['b'] },
    { title: 'finds two files', pairs: ['ab', 'bc', 'cb', 'cd'], found: ['b', 'c'] },
    { title: 'finds a long way round', pairs: ['ab', 'bc', 'cd', 'da'], found: [...'abcd'] },
  ])('$title', ({ pairs, found }) => {
    expect(filesInCycles(arrows(...pairs))).toEqual(found);
  });
});

const isVerification = (path: string) => path.startsWith('tools/verification/');

async function namesOfTools(): Promise<string[]> {
  const paths = await readdir(`${workspace}/tools`, { recursive: true });
  const manifests = paths.filter((path) => /^[^/]+(\/[^/]+)?\/package\.json$/.test(path));
  return await Promise.all(
    manifests.map(async (path) => {
      const manifest: unknown = JSON.parse(await readFile(`${workspace}/tools/${path}`, 'utf8'));
      return (manifest as { name: string }).name;
    }),
  );
}
