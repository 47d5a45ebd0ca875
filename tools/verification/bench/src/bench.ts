import { runBareLoop } from './bare-loop.ts';
import { countCalls } from './calls.ts';
import type { Figures } from './figures.ts';
import { measureUnderLoad } from './measure.ts';
import type { BenchOptions } from './options.ts';
import { startPeer, startProduct } from './servers.ts';
import type { Workload, WorkloadName } from './workloads.ts';

/** Long enough for V8 to optimise what runs for every image. */
const WARM_UP_MS = 5000;
const COUNT_CALLS_MS = 3000;

export interface Run {
  workload: WorkloadName;
  workers: number;
  /** How many images were in flight; for the bare loop, in the run that it is compared with. */
  clients: number;
  repeat: number;
  /** `bare`, `product` or the name of a peer. */
  subject: string;
  figures: Figures;
}

/**
 * Measures everything in turns, so that a change of the machine's speed meets all alike: in each repeat and for each
 * workload and number of workers the bare loop, the product and the peers.
 */
export async function runBench(
  options: Omit<BenchOptions, 'workloads'> & { workloads: Workload[] },
  onRun: (run: Run) => void,
): Promise<Run[]> {
  const { repeats, seconds, workers, clients, peers } = options;
  const timing = { warmUpMs: WARM_UP_MS, measureMs: seconds * 1000 };
  const labels = new Map<WorkloadName, Map<string, string>>();
  const runs: Run[] = [];
  for (let repeat = 1; repeat <= repeats; repeat++) {
    for (const { name: workload, files, modelDir } of options.workloads) {
      for (const [index, count] of workers.entries()) {
        const add = (subject: string, inFlight: number, figures: Figures) => {
          const run = { workload, workers: count, clients: inFlight, repeat, subject, figures };
          runs.push(run);
          onRun(run);
        };
        const isLoneToo = index === 0;
        const setup = { workers: count, modelDir };
        const bare = await runBareLoop(count, { files, modelDir, ...timing });
        const expected = labels.get(workload) ?? bare.labels;
        labels.set(workload, expected);
        add('bare', clients, bare.figures);
        if (isLoneToo) {
          const lone = count === 1 ? bare : await runBareLoop(1, { files, modelDir, ...timing });
          add('bare', 1, lone.figures);
        }
        const target = { files, clients, expected };
        {
          await using stack = await startProduct(setup);
          const { url, variables } = stack;
          const endpoint = variables['AWS_ENDPOINT_URL'] ?? '';
          const calls = () => countCalls(endpoint, COUNT_CALLS_MS);
          add('product', clients, await measureUnderLoad({ ...target, url }, timing, calls));
          if (isLoneToo)
            add('product', 1, await measureUnderLoad({ ...target, url, clients: 1 }, timing));
        }
        for (const peer of peers) {
          await using server = await startPeer(peer, setup);
          // A peer prepares images in another way, so its labels may differ.
          const { url } = server;
          const peerTarget = { ...target, expected: undefined, url };
          add(peer.name, clients, await measureUnderLoad(peerTarget, timing));
          if (isLoneToo)
            add(peer.name, 1, await measureUnderLoad({ ...peerTarget, clients: 1 }, timing));
        }
      }
    }
  }
  return runs;
}
