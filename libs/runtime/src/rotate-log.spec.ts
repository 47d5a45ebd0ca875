import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rotateLog } from './rotate-log.ts';

let folder: string;
let path: string;
const read = (file: string) => readFile(file, 'utf8');
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rotate-log-'));
  path = join(folder, 'app.log');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a log below its maximum size does not change', async () => {
  await writeFile(path, '12345');
  rotateLog(path, 6);
  expect(await readdir(folder)).toEqual(['app.log']);
});

test('a writer that appends continues in the emptied log, and one older file is kept', async () => {
  const log = openSync(path, constants.O_CREAT | constants.O_WRONLY | constants.O_APPEND);
  for (const line of ['first\n', 'second\n', 'third\n']) {
    writeSync(log, line);
    rotateLog(path, 6);
  }
  writeSync(log, 'four\n');
  rotateLog(path, 6);
  closeSync(log);
  expect(await read(path)).toBe('four\n');
  expect(await read(`${path}.1`)).toBe('third\n');
  expect(await readdir(folder)).toHaveLength(2);
});

test('a log that cannot be copied is emptied', async () => {
  await symlink('/dev/full', `${path}.1`);
  await writeFile(path, '12345');
  rotateLog(path, 1);
  expect(await read(path)).toBe('');
  expect(await readdir(folder)).toEqual(['app.log']);
});

test('a deleted log, a deleted folder and a device are no error', async () => {
  rotateLog(path, 1);
  rotateLog('/dev/full', 1);
  await rm(folder, { recursive: true });
  rotateLog(path, 1);
});
