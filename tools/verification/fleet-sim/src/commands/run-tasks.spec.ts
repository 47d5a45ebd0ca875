import { expect, test } from 'vitest';
import { mean } from '../statistics.ts';
import { formatResults } from './format-results.ts';
import { runTasks } from './run-tasks.ts';

const policies = ['backlog-per-worker', 'keda'];
const tasks = ['trickle', 'burst-100'].flatMap((workload) =>
  [1, 2].map((seed) => ({ workload, seed, policies, boundFor: undefined })),
);

test('gives the same results in the order of the tasks for any number of threads', async () => {
  const done: number[] = [];
  const alone = await runTasks(tasks, (count) => done.push(count), 1);
  expect(
    alone.results.map(({ workload, seed, policy }) => `${workload} ${seed} ${policy}`),
  ).toEqual(
    tasks.flatMap(({ workload, seed }) => policies.map((name) => `${workload} ${seed} ${name}`)),
  );
  expect(done).toEqual([1, 2, 3, 4]);
  const together = await runTasks(tasks, () => undefined, 3);
  expect(JSON.stringify(together)).toBe(JSON.stringify(alone));
});

test('computes the clairvoyant bound for the chosen policy', async () => {
  const [task] = tasks.slice(-1);
  if (task === undefined) throw new Error('no task');
  const { results, bounds } = await runTasks([{ ...task, boundFor: 'keda' }], () => undefined);
  const keda = results.find(({ policy }) => policy === 'keda');
  expect(bounds.length).toBeGreaterThan(0);
  for (const bound of bounds) {
    expect(bound).toMatchObject({ workload: task.workload, seed: task.seed });
    expect(bound.billedSeconds).toBeLessThan(keda?.billedSeconds ?? 0);
  }
});

test('rejects with the error of a thread', async () => {
  const unknown = [1, 2].map((seed) => ({
    workload: 'none',
    seed,
    policies,
    boundFor: undefined,
  }));
  await expect(runTasks(unknown, () => undefined, 2)).rejects.toThrow('unknown workload none');
});

test('prints a line for each policy with the mean of its seeds', async () => {
  const { results } = await runTasks(tasks.slice(0, 2), () => undefined, 1);
  const usd = mean(results.filter(({ policy }) => policy === 'keda').map((result) => result.usd));
  const cells = formatResults(results)
    .split('\n')
    .map((line) => line.split(/[| ]+/).slice(1, 3));
  expect(cells.map(([title]) => title)).toEqual(['trickle', expect.anything(), ...policies]);
  expect(cells[3]?.[1]).toBe(usd.toFixed(4));
});
