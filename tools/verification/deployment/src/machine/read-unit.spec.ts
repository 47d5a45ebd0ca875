import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { INSTANCE } from '../tools.ts';
import { readUnit, variablesOf } from './read-unit.ts';

test('reads the unit of the worker', async () => {
  const file = join(INSTANCE, 'worker/labelfleet-worker.service');
  const unit = readUnit(await readFile(file, 'utf8'));
  expect(unit.get('Unit', 'FailureAction')).toBe('poweroff');
  expect(unit.get('Service', 'FailureAction')).toBeUndefined();
  expect(unit.get('Service', 'ExecStart')).toMatch(/^\/opt\/labelfleet\/worker\/node /);
  expect(unit.all('Service', 'EnvironmentFile')).toEqual([
    '-/opt/labelfleet/worker/pack.env',
    '/etc/labelfleet/worker.env',
  ]);
  expect(variablesOf(unit)).toEqual({
    NODE_ENV: 'production',
    NODE_COMPILE_CACHE: '/var/cache/labelfleet-worker',
    AWS_USE_DUALSTACK_ENDPOINT: 'true',
  });
});

test('refuses what it cannot read', () => {
  expect(() => readUnit('[Service]\nExecStart=a \\\n  b')).toThrow('no line of a unit file:   b');
});
