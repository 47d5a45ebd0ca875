import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle } from './bundle.ts';
import { bundledPackages, thirdPartyNotices } from './notices.ts';

const WORKSPACE = join(import.meta.dirname, '../../..');
let workspace: string;
const write = async (path: string, text: string) => {
  await mkdir(dirname(join(workspace, path)), { recursive: true });
  await writeFile(join(workspace, path), text);
};
const addPackage = async (folder: string, license: string, files: Record<string, string>) => {
  await write(join(folder, 'package.json'), JSON.stringify({ version: '1.2.3', license }));
  for (const [name, text] of Object.entries(files)) await write(join(folder, name), text);
};
beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'bundle-notices-'));
});
afterAll(() => rm(workspace, { recursive: true }));

test('finds the packages that have code in an output, nested and scoped ones too', () => {
  const inputs = {
    'apps/gateway/src/main.ts': { bytesInOutput: 5 },
    'node_modules/a/lib/index.js': { bytesInOutput: 5 },
    'node_modules/a/node_modules/@s/b/index.js': { bytesInOutput: 5 },
    'node_modules/@s/c/dist/index.js': { bytesInOutput: 5 },
    'node_modules/shaken-out/index.js': { bytesInOutput: 0 },
  };
  const output = { bytes: 1, inputs, imports: [], exports: [] };
  expect(bundledPackages({ outputs: { 'main.js': output } })).toEqual([
    'node_modules/@s/c',
    'node_modules/a',
    'node_modules/a/node_modules/@s/b',
  ]);
});

test.each(['LICENSE', 'LICENCE.md', 'license.txt', 'LICENSE-MIT', 'COPYING', 'NOTICE'])(
  'takes the text of a file called %s',
  async (file) => {
    await addPackage(`node_modules/with-${file}`, 'MIT', { [file]: 'Copyright Somebody' });
    const notices = await thirdPartyNotices(workspace, [`node_modules/with-${file}`], {});
    expect(notices).toContain(`with-${file} 1.2.3 (MIT)\n\nCopyright Somebody\n`);
  },
);

test('takes licence and notice where there are both', async () => {
  await addPackage('node_modules/both', 'Apache-2.0', { LICENSE: 'The licence', NOTICE: 'By us' });
  const notices = await thirdPartyNotices(workspace, ['node_modules/both'], {});
  expect(notices).toContain('The licence\n\nBy us\n');
});

test.each([{ files: {} }, { files: { LICENSE: '\n' } }])(
  'fails and names each package without a licence text: $files',
  async ({ files }) => {
    await addPackage('node_modules/bare', 'MIT', files);
    await addPackage('node_modules/@s/bare', 'MIT', files);
    const folders = ['node_modules/bare', 'node_modules/@s/bare'];
    await expect(thirdPartyNotices(workspace, folders, {})).rejects.toThrow(
      'These packages have no licence text: bare 1.2.3 (MIT), @s/bare 1.2.3 (MIT).',
    );
  },
);

test('takes the text of the package that is named for one without', async () => {
  await addPackage('node_modules/bare', 'MIT', {});
  await addPackage('node_modules/sibling', 'MIT', { LICENSE: 'The text of both' });
  const textIn = { bare: 'sibling' };
  const notices = await thirdPartyNotices(workspace, ['node_modules/bare'], {}, textIn);
  expect(notices).toContain('bare 1.2.3 (MIT)\n\nThe text of both\n');
});

test('lists what is installed beside, nested packages too', async () => {
  const installed = {
    'node_modules/sharp': { version: '1.0.0', license: 'Apache-2.0' },
    'node_modules/sharp/node_modules/@img/vips': { version: '2.0.0', license: 'LGPL-3.0' },
  };
  const notices = await thirdPartyNotices(workspace, [], installed);
  expect(notices).toContain('sharp 1.0.0 (Apache-2.0)\n@img/vips 2.0.0 (LGPL-3.0)\n');
});

test.each(['gateway', 'worker', 'scaler'])('the bundle of the %s carries them', async (app) => {
  const out = join(relative(WORKSPACE, workspace), 'out', app);
  await bundle(`apps/${app}`, { workspace: WORKSPACE, out });
  const read = (name: string) => readFile(join(WORKSPACE, out, name), 'utf8');
  const notices = await read('THIRD-PARTY-NOTICES');
  expect(notices).toMatch(/^@smithy\/core \S+ \(Apache-2.0\)$/m);
  expect(notices).toMatch(/^zod \S+ \(MIT\)$/m);
  expect(/^sharp \S+ \(Apache-2.0\)$/m.test(notices)).toBe(app === 'worker');
  expect(await read('LICENSE')).toContain('Apache License');
});
