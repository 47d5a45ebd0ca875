import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { headToHeadPage } from './head-to-head-page.ts';
import { headToHead } from './head-to-head.ts';
import { page } from './page.ts';
import { fleetPicture } from './picture/fleet-picture.ts';
import { planePicture } from './picture/plane-picture.ts';
import type { ReportInput } from './report-input.ts';
import { resultsCsv } from './results-csv.ts';
import { summarise } from './summarise.ts';
import type { Claim } from './claim.ts';
import { fleetFile, planeFile } from './workload-section.ts';

/** The report's files by name. The same results make the same files, to the byte. */
export function renderReport(input: ReportInput, claims: readonly Claim[]): Map<string, string> {
  const summaries = summarise(input);
  const betters = headToHead(summaries, input.ours);
  const files = new Map([
    ['README.md', page(input, summaries, betters, claims)],
    ['head-to-head.md', headToHeadPage(betters, input.ours)],
    ['results.csv', resultsCsv(input)],
  ]);
  for (const summary of summaries) {
    files.set(planeFile(summary.workload.name), planePicture(summary, input.ours));
    files.set(fleetFile(summary.workload.name), fleetPicture(summary, input.ours));
  }
  return files;
}

/** Writes the report into a folder, beside what people wrote there. */
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
