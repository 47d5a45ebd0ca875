import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { BareResult, BareTask } from './bare-loop-child.ts';
import { latencyFigures, sum, type Figures } from './figures.ts';

const CHILD = join(import.meta.dirname, 'bare-loop-child.ts');

export interface BareRun {
  figures: Figures;
  /** The label of each file by its path. */
  labels: Map<string, string>;
}

/**
 * Reads, decodes and classifies images without HTTP, AWS and processes between: what the product cannot do without.
 * @param processes how many loops run at once, each in one process with one inference thread, as in a worker
 */
export async function runBareLoop(processes: number, task: BareTask): Promise<BareRun> {
  const { files } = task;
  const results = await Promise.all(
    Array.from({ length: processes }, (_, index) => {
      const first = Math.floor((index * files.length) / processes);
      return runChild({ ...task, files: [...files.slice(first), ...files.slice(0, first)] });
    }),
  );
  const images = sum(results.map(({ latenciesMs }) => latenciesMs.length));
  const cpuMs = sum(results.map((result) => result.cpuMs)) / images;
  return {
    figures: {
      cpuMs,
      'cpuMs classifier': cpuMs,
      imagesPerSecond: sum(
        results.map(({ latenciesMs, elapsedMs }) => (1000 * latenciesMs.length) / elapsedMs),
      ),
      ...latencyFigures(results.flatMap(({ latenciesMs }) => latenciesMs)),
      'rssMb classifier': Math.max(...results.map(({ peakRssMb }) => peakRssMb)),
    },
    labels: new Map(results.flatMap(({ labels }) => labels)),
  };
}

async function runChild(task: BareTask): Promise<BareResult> {
  const child = fork(CHILD);
  child.send(task);
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`The bare loop ended with ${String(code)} before it had a result.`);
  });
  const [result] = (await Promise.race([once(child, 'message'), failed])) as [BareResult];
  await failed.catch(() => undefined);
  return result;
}
