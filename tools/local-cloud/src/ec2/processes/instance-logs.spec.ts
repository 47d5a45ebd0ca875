import { closeSync, writeSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createLogger } from '@labelfleet/runtime';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { InstanceLogs } from './instance-logs.ts';

const logger = createLogger({ app: 'local-cloud', level: 'silent' });
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'instance-logs-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('keeps the logs of the last 100 ended instances and those of running ones', async () => {
  const logs = new InstanceLogs(folder, logger);
  closeSync(logs.open('i-running'));
  for (let age = 0; age < 150; age++) {
    const path = logs.pathOf(`i-${age}`);
    await writeFile(path, '');
    await utimes(path, 1_000_000 - age, 1_000_000 - age);
  }
  await utimes(logs.pathOf('i-running'), 1, 1);
  closeSync(logs.open('i-new'));
  const kept = await readdir(folder);
  expect(kept).toHaveLength(102);
  expect(kept).toEqual(expect.arrayContaining(['i-running.log', 'i-new.log', 'i-99.log']));
});

test('rotates the log of a running instance at its maximum size', async () => {
  const logs = new InstanceLogs(folder, logger);
  const log = logs.open('i-1');
  await truncate(logs.pathOf('i-1'), 10_000_000);
  const sizeOf = async (path: string) => (await stat(path)).size;
  await vi.waitUntil(async () => (await sizeOf(logs.pathOf('i-1'))) === 0, { timeout: 20_000 });
  writeSync(log, 'on');
  closeSync(log);
  expect(await sizeOf(logs.pathOf('i-1'))).toBe(2);
  expect(await sizeOf(`${logs.pathOf('i-1')}.1`)).toBe(10_000_000);
});
