import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { pool } from 'workerpool';
import { workloadNamed } from '../workloads/index.ts';
import type { Outcome, Task } from './tasks.ts';

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
  const workers = pool(THREAD, { maxWorkers: threads, workerType: 'thread' });
  const outcomes = new Map<Task, Outcome>();
  const run = async (task: Task) => {
    outcomes.set(task, (await workers.exec('runTask', [task])) as Outcome);
    onTask(outcomes.size);
  };
  // Long tasks start first, so that all cores stay busy until the end; the later day is the larger one.
  const lengthOf = ({ workload }: Task) => workloadNamed(workload).durationSeconds;
  const longestFirst = tasks.toReversed().toSorted((a, b) => lengthOf(b) - lengthOf(a));
  await Promise.all(longestFirst.map(run)).finally(() => workers.terminate(true));
  const inOrder = tasks.flatMap((task) => outcomes.get(task) ?? []);
  return {
    results: inOrder.flatMap(({ results }) => results),
    bounds: inOrder.flatMap(({ bounds }) => bounds),
  };
}
