import { expect, test } from 'vitest';
import type { OnAnswer } from './load.ts';
import { measure, usageFigures } from './measure.ts';
import type { Role } from './processes.ts';

const usage = (role: Role, cpuMs: number, peakRssMb: number) => ({
  pid: 1,
  parent: 0,
  role,
  cpuMs,
  peakRssMb,
});

test('counts the CPU of a new process, but not that of the local cloud', () => {
  const before = [usage('worker', 100, 90), usage('local-cloud', 50, 80)];
  const after = [
    usage('worker', 400, 100),
    usage('worker', 100, 120),
    usage('local-cloud', 90, 80),
  ];
  expect(usageFigures(before, after, 20)).toEqual({
    // 300 ms and 100 ms for 20 images
    cpuMs: 20,
    'cpuMs worker': 20,
    'rssMb worker': 120,
    'cpuMs local-cloud': 2,
    'rssMb local-cloud': 80,
  });
});

test.each([
  { labels: new Map([['a.jpg', 'dog']]), given: ['cat'] },
  { labels: new Map<string, string>(), given: ['dog', 'cat'] },
])('ends when an image gets $given and had $labels', async ({ labels, given }) => {
  let isStopped = false;
  const system = {
    start: async (_clients: number, onAnswer: OnAnswer) => {
      for (const label of given) onAnswer({ file: 'a.jpg', label, latencyMs: 1 });
      return { ended: new Promise(() => {}), stop: async () => void (isStopped = true) };
    },
    [Symbol.asyncDispose]: async () => {},
  };
  const measured = measure(system, 16, 10, labels);
  await expect(measured).rejects.toThrow('a.jpg is dog, but was labelled cat.');
  expect(isStopped).toBe(true);
});
