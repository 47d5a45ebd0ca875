import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { endLeftovers } from './leftovers.ts';
import { stackProcesses, startTimeOf } from './processes.ts';
import { takeStarterLock } from './starter-lock.ts';
import { scriptFolder } from './testing/scripts.ts';
import { until } from './testing/until.ts';

test('what is left of an earlier stack is found by its mark, ended and named', async () => {
  await using folder = await scriptFolder(`setInterval(() => {}, 1000)`);
  const { script, env } = folder.app;
  const left = spawn(process.execPath, [script], { env, detached: true, stdio: 'ignore' });
  await until(async () => (await stackProcesses(folder.dir)).length === 1);

  expect(await endLeftovers(folder.dir)).toEqual([
    expect.objectContaining({ pid: left.pid, name: script }),
  ]);
  expect(await stackProcesses(folder.dir)).toEqual([]);
  expect(await endLeftovers(folder.dir)).toEqual([]);
});

test('processes of another data folder are left alone', async () => {
  await using folder = await scriptFolder(`setInterval(() => {}, 1000)`);
  const { script, env } = folder.app;
  const other = spawn(process.execPath, [script], { env, stdio: 'ignore' });
  await until(async () => (await stackProcesses(folder.dir)).length === 1);

  expect(await endLeftovers(`${folder.dir}-2`)).toEqual([]);
  expect(await stackProcesses(folder.dir)).toHaveLength(1);
  other.kill('SIGKILL');
  await until(async () => (await stackProcesses(folder.dir)).length === 0);
});

test('a data folder in use is refused, and free again afterwards', async () => {
  await using folder = await scriptFolder('');
  const path = join(folder.dir, 'starter.json');
  const lock = await takeStarterLock(path);
  await expect(takeStarterLock(path)).rejects.toThrow(
    `is running with this data folder already (pid ${process.pid})`,
  );
  await lock[Symbol.asyncDispose]();
  await expect(takeStarterLock(path)).resolves.toBeDefined();
});

test.each([
  { of: 'a starter that is gone', text: JSON.stringify({ pid: 2 ** 30, startTime: '1' }) },
  { of: 'a pid that another process has by now', text: `{"pid":${process.pid},"startTime":"1"}` },
  { of: 'a starter that was killed while it wrote', text: '{"pid":' },
])('the file of $of is taken over', async ({ text }) => {
  await using folder = await scriptFolder('');
  const path = join(folder.dir, 'starter.json');
  await writeFile(path, text);
  await takeStarterLock(path);
  const startTime = await startTimeOf(process.pid);
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ pid: process.pid, startTime });
});
