import { markdownTable } from '../markdown-table.ts';
import { mean } from '../statistics.ts';
import type { RunResult } from '../types.ts';

const COLUMNS: readonly (readonly [string, (result: RunResult) => number, number])[] = [
  ['USD', ({ usd }) => usd, 4],
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
];

/** A table for each workload with a line for each policy; numbers are means over the seeds. */
export const formatResults = (results: readonly RunResult[]): string =>
  [...Map.groupBy(results, ({ workload }) => workload)]
    .map(([workload, ofWorkload]) =>
      markdownTable(
        [workload, ...COLUMNS.map(([title]) => title)],
        [...Map.groupBy(ofWorkload, ({ policy }) => policy)].map(([policy, runs]) => [
          policy,
          ...COLUMNS.map(([, value, digits]) => mean(runs.map(value)).toFixed(digits)),
        ]),
      ),
    )
    .join('\n\n');
