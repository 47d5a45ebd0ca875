import { expect, test } from 'vitest';
import { usageFigures } from './measure.ts';
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
