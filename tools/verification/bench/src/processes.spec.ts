import { parseStat } from '@labelfleet/testkit/cpu-time';
import { expect, test } from 'vitest';
import { descendantsOf, parsePeakRssMb, roleOf } from './processes.ts';

test('reads the times of a process and of its ended children', () => {
  // utime 100, stime 50, cutime 20 and cstime 5 ticks of 10 ms; the command contains a bracket and spaces.
  const stat = '42 (node) 1 (x) S 7 42 42 0 -1 4194304 9 0 0 0 100 50 20 5 20 0 11 0 1234';
  expect(parseStat(stat)).toEqual({ parent: 7, cpuMs: 1500, endedChildrenCpuMs: 250 });
});

test.each([
  { status: 'Name:\tnode\nVmHWM:\t  204800 kB\nVmRSS:\t  1024 kB\n', mb: 200 },
  { status: 'Name:\tkthreadd\n', mb: 0 },
])('finds a peak of $mb MB', ({ status, mb }) => {
  expect(parsePeakRssMb(status)).toBe(mb);
});

test.each([
  { script: '/w/dist/apps/gateway/main.js', role: 'gateway' },
  { script: '/w/dist/apps/worker/main.js', role: 'worker' },
  { script: '/w/dist/apps/worker/classifier-child.js', role: 'classifier' },
  { script: '/w/tools/local-cloud/src/main.ts', role: 'local-cloud' },
  { script: '/w/tools/local-stack/src/main.ts', role: 'local-stack' },
  { script: '/peer/emulator.mjs', role: 'local-cloud' },
  { script: '/home/worker/projects/peer/src/gateway.mjs', role: 'gateway' },
])('takes $script for a $role', ({ script, role }) => {
  const stopWithParent = '/w/tools/local-stack/src/stop-with-parent.ts';
  expect(roleOf(['node', '--import', stopWithParent, script, '4566'])).toBe(role);
});

test('finds children of children, and no other processes', () => {
  const usage = (pid: number, parent: number) => ({
    pid,
    parent,
    role: 'other' as const,
    cpuMs: 0,
    peakRssMb: 0,
  });
  const all = [usage(1, 0), usage(2, 1), usage(3, 2), usage(4, 2), usage(5, 1), usage(6, 4)];
  expect(descendantsOf(2, all).map(({ pid }) => pid)).toEqual([3, 4, 6]);
});
