import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTickLog } from './tick-log.ts';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'tick-log-'))));
afterEach(() => rm(folder, { recursive: true }));

const path = () => join(folder, 'ticks.jsonl');

describe('the tick log', () => {
  it('appends to the file of an earlier scaler', async () => {
    await writeFile(path(), '1\n');
    const log = await openTickLog(path());
    expect(await log.append('2')).toEqual({ kind: 'appended' });
    expect(await readFile(path(), 'utf8')).toBe('1\n2\n');
  });

  it('keeps the last ticks in two files of bounded size', async () => {
    await writeFile(path(), '1\n');
    const log = await openTickLog(path(), 4);
    for (const line of ['2', '3', '4', '5']) await log.append(line);
    expect(await readFile(`${path()}.1`, 'utf8')).toBe('3\n4\n');
    expect(await readFile(path(), 'utf8')).toBe('5\n');
  });

  it('keeps a line that is longer than a file may be', async () => {
    const log = await openTickLog(path(), 4);
    for (const line of ['1', 'a long one']) await log.append(line);
    expect(await readFile(path(), 'utf8')).toBe('a long one\n');
  });

  it('reports why it cannot be written, and continues when it can', async () => {
    const log = await openTickLog(path());
    await rm(folder, { recursive: true });
    expect(await log.append('1')).toMatchObject({
      kind: 'failed',
      detail: expect.stringContaining('ENOENT') as string,
    });
    await mkdir(folder);
    expect(await log.append('2')).toEqual({ kind: 'appended' });
  });

  it('fails to open if it cannot be written', async () => {
    await expect(openTickLog(join(folder, 'no', 'ticks.jsonl'))).rejects.toMatchObject({
      exitCode: 73,
      message: expect.stringContaining('TICK_LOG=') as string,
    });
  });
});
