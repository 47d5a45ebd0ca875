/**
 * Runs workloads on the real product with the local cloud, predicts each with the fleet simulator, and prints both.
 * Takes about five minutes and has no pass or fail.
 *
 *   npx nx run end-to-end:prediction -- [folder for recordings and ticks]
 */
import { comparePrediction, rankOf } from '@labelfleet/fleet-sim/prediction';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { resolve } from 'node:path';
import { busyImage } from './busy-image.ts';
import { recordRun } from './record-run.ts';
import { SERVICE_SECONDS, WORKLOADS } from './workloads.ts';

const [folder] = process.argv.slice(2);
const print = (line: string) => process.stdout.write(`${line}\n`);

print(`${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`);
const image = await busyImage(SERVICE_SECONDS);
if (folder !== undefined) await mkdir(folder, { recursive: true });
const kept = (name: string) => (folder === undefined ? undefined : resolve(folder, name));
for (const [index, workload] of WORKLOADS.entries()) {
  const recording = await recordRun(workload, image, kept(`${index + 1}.ticks.jsonl`));
  const file = kept(`${index + 1}.json`);
  if (file !== undefined) await writeFile(file, `${JSON.stringify(recording)}\n`);
  print(`\n${comparePrediction(recording)}`);
  const services = recording.images.map(({ serviceSeconds }) => serviceSeconds);
  const boots = recording.bootSeconds.map((seconds) => seconds.toFixed(1)).join(', ');
  print(
    `\nservice ${rankOf(services, 0.5).toFixed(2)} s, p95 ${rankOf(services, 0.95).toFixed(2)} s; ` +
      `boots ${boots} s; load of the machine ${loadavg()[0]?.toFixed(1)}`,
  );
}
