/** One process of the bare loop: classifies images one after the other as soon as the bench sends it a task. */
import { OnnxClassifier, readModelDir } from '@labelfleet/inference/model-tools';
import { readFile } from 'node:fs/promises';

export interface BareTask {
  modelDir: string;
  /** The process starts with the first and then takes them in this order. */
  files: string[];
  warmUpMs: number;
  measureMs: number;
}

export interface BareResult {
  latenciesMs: number[];
  elapsedMs: number;
  cpuMs: number;
  peakRssMb: number;
  /** Pairs of file and label. */
  labels: [string, string][];
}

process.once('message', (task: BareTask) => {
  void run(task).then((result) => process.send?.(result, () => process.disconnect()));
});

async function run({ modelDir, files, warmUpMs, measureMs }: BareTask): Promise<BareResult> {
  await using classifier = await OnnxClassifier.open(await readModelDir(modelDir), {
    maxPixels: 50_000_000,
  });
  const labels = new Map<string, string>();
  /** Runs for a time, but takes `least` images at least. */
  const loop = async (ms: number, least: number): Promise<number[]> => {
    const latenciesMs: number[] = [];
    const endMs = performance.now() + ms;
    while (performance.now() < endMs || latenciesMs.length < least) {
      const file = files[latenciesMs.length % files.length] as string;
      const startedAtMs = performance.now();
      const outcome = await classifier.classify(await readFile(file), 1);
      latenciesMs.push(performance.now() - startedAtMs);
      const label = outcome.kind === 'classified' ? outcome.predictions[0]?.label : undefined;
      if (label === undefined) throw new Error(`${file} has no label: ${JSON.stringify(outcome)}`);
      labels.set(file, label);
    }
    return latenciesMs;
  };
  await loop(warmUpMs, files.length);
  const [startedAtMs, cpuBefore] = [performance.now(), process.cpuUsage()];
  const latenciesMs = await loop(measureMs, 1);
  const elapsedMs = performance.now() - startedAtMs;
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    latenciesMs,
    elapsedMs,
    cpuMs: (user + system) / 1000,
    peakRssMb: process.resourceUsage().maxRSS / 1024,
    labels: [...labels],
  };
}
