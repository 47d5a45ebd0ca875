import { inColumns } from '../in-columns.ts';
import { mean } from '../statistics.ts';
import type { RunResult } from '../types.ts';

const COLUMNS = [
  ['USD', ({ usd }: RunResult) => usd, 4],
  ['instance-s', ({ instanceSeconds }) => instanceSeconds, 0],
  ['mean s', ({ waits }) => waits.mean, 2],
  ['p50 s', ({ waits }) => waits.p50, 2],
  ['p95 s', ({ waits }) => waits.p95, 2],
  ['p99 s', ({ waits }) => waits.p99, 2],
  ['in time %', ({ withinTarget }) => 100 * withinTarget, 2],
  ['interrupted', ({ interrupted }) => interrupted, 1],
  ['launches', ({ launches }) => launches, 1],
  ['peak', ({ peak }) => peak, 1],
  ['unanswered', ({ unanswered }) => unanswered, 0],
] as const satisfies readonly (readonly [string, (result: RunResult) => number, number])[];

/** A table for a terminal with a line for each workload and policy; numbers are means over the seeds. */
export function formatResults(results: readonly RunResult[]): string {
  const groups = Object.groupBy(results, ({ workload }) => workload);
  return Object.entries(groups)
    .map(([workload, ofWorkload = []]) => {
      const policies = Object.entries(Object.groupBy(ofWorkload, ({ policy }) => policy));
      const lines = policies.map(([policy, runs = []]) => [
        policy,
        ...COLUMNS.map(([, value, digits]) => mean(runs.map(value)).toFixed(digits)),
      ]);
      const header = [workload, ...COLUMNS.map(([title]) => title)];
      return inColumns([header, ...lines])
        .map((line) => line.join('  '))
        .join('\n');
    })
    .join('\n\n');
}
