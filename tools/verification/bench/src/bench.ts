import type { Figures } from './figures.ts';
import { measure } from './measure.ts';
import type { BenchOptions } from './options.ts';
import { openBareLoop, openPeer, openProduct, type OpenSystem } from './systems.ts';
import type { Workload, WorkloadName } from './workloads.ts';

export interface Run {
  workload: WorkloadName;
  workers: number;
  /** How many images were in flight. */
  clients: number;
  repeat: number;
  /** `bare`, `product` or the name of a peer. */
  system: string;
  figures: Figures;
}

/**
 * Measures the bare loop, the product and the peers in turns and several times, so that a change of the machine's
 * speed affects all of them. With the first number of workers, a lone client is measured too.
 */
export async function runBench(
  { repeats, seconds, workers, clients, peers }: BenchOptions,
  workloads: readonly Workload[],
  onRun: (run: Run) => void,
): Promise<Run[]> {
  const systems = new Map<string, OpenSystem>([
    ['bare', openBareLoop],
    ['product', openProduct],
    ...peers.map(({ name, command }) => [name, openPeer(command)] as const),
  ]);
  const labels = new Map<string, Map<string, string>>();
  /** A peer prepares images in another way, so only its own labels have to agree. */
  const labelsOf = (workload: WorkloadName, system: string) => {
    const key = `${workload} ${system === 'product' ? 'bare' : system}`;
    const known = labels.get(key) ?? new Map<string, string>();
    labels.set(key, known);
    return known;
  };
  const runs: Run[] = [];
  for (let repeat = 1; repeat <= repeats; repeat++) {
    for (const workload of workloads) {
      for (const count of workers) {
        for (const [name, open] of systems) {
          await using system = await open(workload, count);
          for (const inFlight of new Set(count === workers[0] ? [clients, 1] : [clients])) {
            const known = labelsOf(workload.name, name);
            const figures = await measure(system, inFlight, seconds * 1000, known);
            const what = { workload: workload.name, workers: count, clients: inFlight };
            runs.push({ ...what, repeat, system: name, figures });
            onRun({ ...what, repeat, system: name, figures });
          }
        }
      }
    }
  }
  return runs;
}
