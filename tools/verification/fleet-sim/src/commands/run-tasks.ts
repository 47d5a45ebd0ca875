import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { WORKLOADS } from '../workloads/index.ts';
import { runTask, type Outcome, type Task } from './tasks.ts';

/**
 * Runs tasks on all cores; the results are in the order of the tasks, and do not depend on the cores.
 * @param onTask called whenever one more has been done
 * @throws what a task threw
 */
export async function runTasks(
  tasks: readonly Task[],
  onTask: (done: number) => void,
  threads = availableParallelism(),
): Promise<Outcome> {
  const outcomes = new Map<Task, Outcome>();
  const waiting = tasks.toSorted((a, b) => lengthOf(b) - lengthOf(a));
  const note = (task: Task, ran: Outcome) => {
    outcomes.set(task, ran);
    onTask(outcomes.size);
  };
  if (threads <= 1 || tasks.length === 1) for (const task of tasks) note(task, runTask(task));
  else {
    const count = Math.min(threads, tasks.length);
    await Promise.all(Array.from({ length: count }, () => runThread(waiting, note)));
  }
  const inOrder = tasks.flatMap((task) => outcomes.get(task) ?? []);
  return {
    results: inOrder.flatMap(({ results }) => results),
    bounds: inOrder.flatMap(({ bounds }) => bounds),
  };
}

/** So that no long run is left for the end, when other cores have nothing to do. */
const lengthOf = ({ workload }: Task): number => {
  const place = WORKLOADS.findIndex(({ name }) => name === workload);
  return (WORKLOADS[place]?.durationSeconds ?? 0) + place;
};

/** One thread, which takes what waits until nothing does. */
async function runThread(waiting: Task[], note: (task: Task, ran: Outcome) => void): Promise<void> {
  const thread = new Worker(new URL('./task-thread.ts', import.meta.url));
  try {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
      const ran = Promise.withResolvers<Outcome>();
      thread.once('message', ran.resolve).once('error', ran.reject);
      thread.postMessage(task);
      note(task, await ran.promise);
      thread.removeListener('error', ran.reject);
    }
  } finally {
    await thread.terminate();
  }
}
