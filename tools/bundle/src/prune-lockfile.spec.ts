import { expect, test } from 'vitest';
import { pruneLockfile, type LockedPackages } from './prune-lockfile.ts';

const locked: LockedPackages = {
  '': { version: '1.0.0' },
  'node_modules/image': {
    version: '2.0.0',
    dev: true,
    dependencies: { colour: '^4.0.0' },
    optionalDependencies: { '@image/linux': '2.0.0', '@image/mac': '2.0.0' },
  },
  'node_modules/image/node_modules/colour': { version: '4.0.0', dependencies: { name: '*' } },
  'node_modules/colour': { version: '1.0.0' },
  'node_modules/name': { version: '1.0.0', peerDependencies: { image: '*' } },
  'node_modules/@image/linux': { version: '2.0.0', optional: true },
  'node_modules/other': { version: '9.0.0' },
};

test('keeps exactly the packages that are needed, at the paths where Node finds them', () => {
  expect(Object.keys(pruneLockfile(locked, ['image']))).toEqual([
    'node_modules/@image/linux',
    'node_modules/image',
    'node_modules/image/node_modules/colour',
    'node_modules/name',
  ]);
});

test('turns development dependencies of the workspace into plain dependencies of the bundle', () => {
  expect(pruneLockfile(locked, ['image'])['node_modules/image']).not.toHaveProperty('dev');
});

test('names a package that is not in the lockfile', () => {
  expect(() => pruneLockfile(locked, ['absent'])).toThrow('package-lock.json has no absent');
});
