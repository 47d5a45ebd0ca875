import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { pool } from 'workerpool';
import { WORKLOADS } from '../workloads/index.ts';
import { runTask, type Outcome, type Task } from './tasks.ts';

const THREAD = fileURLToPath(new URL('./task-thread.ts', import.meta.url));

/**
 * Runs tasks on all cores. The results are in the order of the tasks and do not depend on the number of threads.
 * @param onTask called after each task with the number of tasks done
 * @throws the first error of a task
 */
export async function runTasks(
  tasks: readonly Task[],
  onTask: (done: number) => void,
  threads = availableParallelism(),
): Promise<Outcome> {
  const outcomes = new Map<Task, Outcome>();
  const note = (task: Task, outcome: Outcome) => {
    outcomes.set(task, outcome);
    onTask(outcomes.size);
  };
  if (threads <= 1 || tasks.length === 1) for (const task of tasks) note(task, runTask(task));
  else {
    const workers = pool(THREAD, { maxWorkers: threads, workerType: 'thread' });
    const longestFirst = tasks.toSorted((a, b) => lengthOf(b) - lengthOf(a));
    const run = async (task: Task) =>
      note(task, (await workers.exec('runTask', [task])) as Outcome);
    await Promise.all(longestFirst.map(run)).finally(() => workers.terminate(true));
  }
  const inOrder = tasks.flatMap((task) => outcomes.get(task) ?? []);
  return {
    results: inOrder.flatMap(({ results }) => results),
    bounds: inOrder.flatMap(({ bounds }) => bounds),
  };
}

/** Long tasks start first, so that all cores stay busy until the end. */
const lengthOf = ({ workload }: Task): number => {
  const place = WORKLOADS.findIndex(({ name }) => name === workload);
  return (WORKLOADS[place]?.durationSeconds ?? 0) + place;
};
