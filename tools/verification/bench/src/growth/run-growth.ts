import { buildApps } from '@labelfleet/local-stack/build';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GrowthPart } from '../options.ts';
import { prepareWorkload } from '../workloads.ts';
import { growGateway } from './grow-gateway.ts';
import { growScaler } from './grow-scaler.ts';
import { growWorkers } from './grow-workers.ts';

const WORKSPACE = join(import.meta.dirname, '../../../../..');

/** Measures how one part of the product grows, and prints a Markdown table row by row. */
export async function runGrowth(
  part: GrowthPart,
  measureMs: number,
  say: (line: string) => void,
): Promise<void> {
  let rows = 0;
  const onRow = (row: readonly string[]) => {
    const columns = row.map((cell, index) => cell.padStart(widths[index] ?? 0));
    say(`| ${columns.join(' | ')} |`);
    if (rows++ > 0) return;
    for (const { length } of row) widths.push(length);
    say(`| ${row.map(({ length }) => `${'-'.repeat(length - 1)}:`).join(' | ')} |`);
  };
  const widths: number[] = [];
  if (part === 'workers') {
    growWorkers(onRow);
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const main = (app: string) => join(WORKSPACE, 'dist/apps', app, 'main.js');
  try {
    const never = new AbortController().signal;
    await buildApps(WORKSPACE, join(folder, 'build.log'), process.env, never);
    if (part === 'scaler') await growScaler(main(part), measureMs, onRow);
    else await growGateway(main(part), await prepareWorkload('photos', folder), measureMs, onRow);
  } finally {
    await rm(folder, { recursive: true });
  }
}
