import { expect, test } from 'vitest';
import { fleetLine } from './live-line.ts';

const nobody = { booting: 0, idle: 0, busy: 0, draining: 0, suspected: 0 };
const nothing = { backlog: 0, inFlight: 0, delayed: 0 };

test.each([
  { workers: {}, queue: {}, line: '0 waiting, 0 in flight | no worker' },
  {
    workers: { booting: 1 },
    queue: { backlog: 2, delayed: 1 }, // a delayed message waits as well
    line: '3 waiting, 0 in flight | 1 worker: 1 booting',
  },
  {
    workers: { busy: 2, idle: 1, draining: 1 },
    queue: { backlog: 12, inFlight: 3 },
    line: '12 waiting, 3 in flight | 4 workers: 1 idle, 2 busy, 1 draining',
  },
])('$line', ({ workers, queue, line }) => {
  const snapshot = { workers: { ...nobody, ...workers }, queue: { ...nothing, ...queue } };
  expect(fleetLine(snapshot)).toBe(line);
});
