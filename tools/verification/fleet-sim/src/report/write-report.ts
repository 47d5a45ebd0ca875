import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { page } from './page.ts';
import { drawImages, chartFile } from './charts.ts';
import type { ReportInput } from './report-input.ts';
import { resultsCsv } from './results-csv.ts';
import { summarise } from './summarise.ts';
import type { Claim } from './verdict.ts';

/** The report's files by name. The same results give byte for byte the same files. */
export function renderReport(input: ReportInput, claims: readonly Claim[]): Map<string, string> {
  const summaries = summarise(input);
  const drawn = drawImages(summaries, input.ours);
  const charts = drawn.map(({ chart }) => chart);
  return new Map([
    ['README.md', page(input, summaries, claims, charts)],
    ['results.csv', resultsCsv(input)],
    ...drawn.map(({ chart, svg }) => [chartFile(chart), svg] as const),
  ]);
}

/** Writes the report into a folder and leaves other files there alone. */
export async function writeReport(
  input: ReportInput,
  claims: readonly Claim[],
  folder: string,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of renderReport(input, claims)) {
    await writeFile(join(folder, name), content);
  }
}
