import { expect, test } from 'vitest';
import type { Run } from './bench.ts';
import type { Figures } from './figures.ts';
import { tableOf } from './table.ts';

const run = (system: string, repeat: number, figures: Figures, clients = 16): Run => ({
  workload: 'photos',
  workers: 2,
  clients,
  repeat,
  system,
  figures,
});

/** The cells of the row with this title. */
function rowOf(runs: Run[], title: string): string[] | undefined {
  const rows = tableOf(runs).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  return rows.find(([first]) => first === title);
}

test('compares each repeat with the bare loop of the same repeat', () => {
  const runs = [
    run('bare', 1, { cpuMs: 10 }),
    run('product', 1, { cpuMs: 13 }),
    run('bare', 2, { cpuMs: 20 }),
    run('product', 2, { cpuMs: 22 }),
    run('bare', 3, { cpuMs: 10 }),
    run('product', 3, { cpuMs: 15 }),
  ];
  // The ratios are 1.3, 1.1 and 1.5.
  expect(rowOf(runs, 'CPU ms an image')?.slice(1)).toEqual([
    '10.0 (10.0 to 20.0)',
    '15.0 (13.0 to 22.0)',
    '1.30 (1.10 to 1.50)',
    '<= 1.35 met',
  ]);
});

test('says what a lone request adds to the bare loop', () => {
  const runs = [
    run('bare', 1, { p50Ms: 12, p99Ms: 20 }, 1),
    run('product', 1, { p50Ms: 30, p99Ms: 39 }, 1),
  ];
  expect(rowOf(runs, 'latency p50, ms')?.slice(1)).toEqual(['12.0', '30.0', '18.0', '<= 9 MISSED']);
  expect(rowOf(runs, 'latency p99, ms')?.slice(1)).toEqual(['20.0', '39.0', '19.0', '<= 20 met']);
});

test('leaves the cells of a system empty that has no such figure', () => {
  const runs = [
    run('bare', 1, { cpuMs: 10 }),
    run('product', 1, { cpuMs: 13, 'calls sqs': 2 }),
    run('peer', 1, { cpuMs: 20 }),
  ];
  expect(tableOf(runs)[0]).toMatch(/photos, workers: 2, in flight: 16 +\| bare \| product \| peer/);
  expect(rowOf(runs, 'calls an image, sqs')?.slice(1)).toEqual([
    '',
    '2.00',
    '',
    '',
    '<= 1.5 MISSED',
  ]);
});
