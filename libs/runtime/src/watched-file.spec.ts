import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from './clock.ts';
import { localFile, WatchedFile } from './watched-file.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'labelfleet-watched-'));
  path = join(folder, 'number.json');
});
afterEach(() => rm(folder, { recursive: true }));

function parse(text = ''): number {
  const value = Number(text);
  if (Number.isNaN(value)) throw new Error(`${text} is no number`);
  return value;
}

async function watched() {
  const seen: unknown[] = [];
  await writeFile(path, '1');
  const file = await WatchedFile.open({
    file: localFile(path),
    parse,
    onReload: (value) => seen.push(value),
    onFault: (fault) => seen.push(fault),
  });
  return { file, seen };
}

test('has the value of the file, and each later one', async () => {
  const { file, seen } = await watched();
  expect(file.value).toBe(1);
  const stopping = new AbortController();
  const running = file.run(systemClock, stopping.signal);
  // As editors and configuration management do it.
  await writeFile(`${path}.new`, '2');
  await rename(`${path}.new`, path);
  await expect.poll(() => file.value, { timeout: 5_000 }).toBe(2);
  stopping.abort();
  await running;
  expect(seen).toEqual([2]);
});

test('keeps its last good value while the file is faulty or gone, and reports each fault once', async () => {
  const { file, seen } = await watched();
  for (const change of [() => writeFile(path, 'two'), () => rm(path), () => writeFile(path, '1')]) {
    await change();
    await file.reload();
    await file.reload();
    expect(file.value).toBe(1);
  }
  expect(seen).toEqual(['two is no number', 'There is no such file or folder. Check the path.']);
  expect(file.fault).toBeUndefined();
});

test('is not opened while the file is faulty or absent', async () => {
  const options = {
    file: localFile(path),
    parse,
    onReload: () => undefined,
    onFault: () => undefined,
  };
  await expect(WatchedFile.open(options)).rejects.toThrow('ENOENT');
  await writeFile(path, 'one');
  await expect(WatchedFile.open(options)).rejects.toThrow('one is no number');
});

test('a file that may come later has a value until then, and cannot go back to it', async () => {
  let text: string | undefined;
  const faults: string[] = [];
  const file = await WatchedFile.open({
    file: { name: 'later', read: async () => text, checkEveryMs: 1 },
    parse: (read) => (read === undefined ? 'nothing yet' : read),
    onReload: () => undefined,
    onFault: (fault) => faults.push(fault),
  });
  const values = [];
  for (text of [undefined, 'one', undefined, 'two']) {
    await file.reload();
    values.push(file.value);
  }
  expect(values).toEqual(['nothing yet', 'one', 'one', 'two']);
  expect(faults).toEqual(['It was deleted.']);
});
