import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatReplay, replay } from './replay.ts';
import { runOne } from './run-one.ts';

let folder: string;
let recorded: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleet-sim-replay-'));
  const ticks = join(folder, 'ticks.jsonl');
  await runOne({
    command: 'run',
    work: { workload: 'burst-100' },
    policy: 'deadline',
    seed: 1,
    world: undefined,
    ticks,
  });
  recorded = await readFile(ticks, 'utf8');
});
afterAll(() => rm(folder, { recursive: true }));

async function replayed(text: string) {
  const path = join(folder, 'changed.jsonl');
  await writeFile(path, text);
  const decisions: string[] = [];
  return { ...(await replay(path, (json) => decisions.push(json))), decisions };
}

test('decides recorded ticks again as recorded', async () => {
  const { ticks, different, decisions } = await replayed(recorded);
  // Every 2 s for half an hour, from 0 on.
  expect(ticks).toBe(900);
  expect(different).toEqual([]);
  expect(decisions.some((json) => json.includes('"launch":2'))).toBe(true);
  for (const json of decisions) expect(recorded).toContain(json);
  expect(formatReplay({ ticks, different })).toBe('900 ticks, all decisions as recorded');
});

test('names the tick that is decided differently now', async () => {
  const lines = recorded.split('\n');
  const line = lines.findIndex((each) => each.includes('"launch":2'));
  const text = lines.with(line, lines[line]?.replace('"launch":2', '"launch":3') ?? '').join('\n');
  const { ticks, different } = await replayed(text);
  expect(different).toEqual([line + 1]);
  expect(formatReplay({ ticks, different })).toBe(
    `900 ticks, 1 decided differently, the first in line ${line + 1}`,
  );
});

test('refuses a malformed record and a file that does not exist', async () => {
  for (const text of ['no record\n', '{"v":3,"now":0'])
    await expect(replayed(text)).rejects.toThrow(/changed\.jsonl, line 1: /);
  await expect(replay(join(folder, 'none'), () => undefined)).rejects.toThrow('cannot be read');
});
