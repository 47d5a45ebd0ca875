import { EXIT, StartError } from '@labelfleet/runtime';
import type { Table } from '../options.ts';
import { formatVerdict, judge } from '../report/verdict.ts';
import { writeReport } from '../report/write-report.ts';
import { workloadNamed, WORKLOADS, worldOf } from '../workloads/index.ts';
import { formatResults } from './format-results.ts';
import { runTasks } from './run-tasks.ts';
import type { Outcome } from './tasks.ts';

/** The policy that the report compares with the others, and the workloads for which it computes the bound. */
const OURS = 'deadline';
const DAYS = WORKLOADS.map(({ name }) => name).filter((name) => name.startsWith('day-'));

type OnTask = (done: number, all: number) => void;

/**
 * Runs a table and returns it with the verdict on our policy, for a terminal.
 * @param out folder of the report; undefined: no report is written
 * @param onTask called with the number of tasks done and of all
 * @throws StartError if the report cannot be written
 */
export async function runTable(
  table: Table,
  out: string | undefined,
  onTask: OnTask,
): Promise<string> {
  const { results, bounds } = await runAll(table, OURS, onTask);
  const kinds = table.workloads.map(workloadNamed);
  const workloads = kinds.map((kind) => ({ ...kind, world: worldOf(kind) }));
  const input = { ours: OURS, workloads, results, bounds };
  const claims = judge(input, DAYS);
  if (out !== undefined)
    await writeReport(input, claims, out).catch((error: unknown) => {
      throw new StartError(`${out} cannot be written: ${String(error)}`, EXIT.cannotCreate);
    });
  return [formatResults(results), formatVerdict(claims)].join('\n\n');
}

/** A table without a verdict and without a report. */
export async function runAblations(table: Table, onTask: OnTask): Promise<string> {
  return formatResults((await runAll(table, undefined, onTask)).results);
}

function runAll(
  { workloads, policies, seeds }: Table,
  boundFor: string | undefined,
  onTask: OnTask,
): Promise<Outcome> {
  const tasks = workloads.flatMap((workload) =>
    Array.from({ length: seeds }, (_, index) => {
      return { workload, seed: index + 1, policies, boundFor };
    }),
  );
  return runTasks(tasks, (done) => onTask(done, tasks.length));
}
