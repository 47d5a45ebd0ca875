import { EXIT } from '@labelfleet/runtime';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const MAIN = join(import.meta.dirname, 'main.ts');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleet-sim-'));
  await writeFile(join(folder, 'arrivals.csv'), 'at\n10\n12\n');
  await writeFile(join(folder, 'empty.csv'), 'at\n');
  await writeFile(join(folder, 'slots.json'), '{"slot":1}');
  await writeFile(
    join(folder, 'small.json'),
    JSON.stringify({
      boot: { medianSeconds: 5, logSpread: 0 },
      api: { countLagSeconds: 0, listingLagSeconds: 0 },
    }),
  );
});
afterAll(() => rm(folder, { recursive: true }));

const fleetSim = (...args: string[]) =>
  new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr });
    });
  });

test('runs a trace in a changed world, twice with the same outcome', async () => {
  const args = ['run', '--trace', 'arrivals.csv', '--policy', 'fixed-2', '--world', 'small.json'];
  const { code, stdout } = await fleetSim(...args);
  expect(code).toBe(0);
  // Launched at the first tick.
  expect(JSON.parse(stdout)).toMatchObject({ workload: 'arrivals.csv', images: 2, launches: 2 });
  expect((await fleetSim(...args)).stdout).toBe(stdout);
});

test('records the ticks of a policy of the product and replays them', async () => {
  const run = ['run', '--trace', 'arrivals.csv', '--policy', 'deadline', '--ticks', 'ticks.jsonl'];
  expect((await fleetSim(...run)).code).toBe(0);
  const { code, stderr } = await fleetSim('replay', 'ticks.jsonl');
  // Every 2 s, until 10 min after the last arrival at 2.
  expect(stderr).toBe('301 ticks, all decisions as recorded\n');
  expect(code).toBe(0);
});

test('prints the help', async () => {
  const { code, stdout } = await fleetSim('--help');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^usage: npm run fleet-sim/);
});

test.each([
  ['fly', 'fly: unknown command', EXIT.usage],
  ['run --policy keda --trace none.csv', 'none.csv cannot be read: Error: ENOENT', EXIT.noInput],
  ['run --policy keda --trace empty.csv', 'empty.csv: there are no arrivals in it', EXIT.noInput],
  [
    'run --policy keda --trace arrivals.csv --ticks ticks.jsonl',
    '--ticks: keda is not a policy of the product',
    EXIT.usage,
  ],
  [
    'run --policy keda --workload trickle --world slots.json',
    'slots.json: ✖ Unrecognized key: "slot"',
    EXIT.noInput,
  ],
])('refuses %s: %s', async (line, says, code) => {
  const result = await fleetSim(...line.split(' '));
  expect(result.stderr).toContain(says);
  expect(result.code).toBe(code);
});
