import { expect, test } from 'vitest';
import { Worker, type Instruction } from '../engine/worker.ts';
import type { Report } from './reports.ts';
import { viewWorker } from './view-worker.ts';

const report = (changes: Partial<Report> = {}): Report => ({
  index: 7,
  atSeconds: 100,
  receivedAtSeconds: 100.2,
  state: 'working',
  busy: false,
  idleSeconds: 30,
  imagesCompleted: 0,
  busySeconds: 0,
  fullSeconds: 0,
  completedWhileFull: 0,
  instructionId: undefined,
  launchedAtSeconds: 10,
  ...changes,
});
const drain: Instruction = { kind: 'drain', id: 1 };
const resume: Instruction = { kind: 'resume', id: 2 };

/** Rows: what was reported, what was told, what is seen. */
test.each([
  [undefined, undefined, 'booting'],
  [report({ busy: true, idleSeconds: 0 }), undefined, 'busy'],
  // Between two images, and for less than a poll.
  [report({ idleSeconds: 0 }), undefined, 'idle'],
  [report(), undefined, 'idle'],
  [undefined, drain, 'draining'],
  [report(), drain, 'draining'],
  [report({ instructionId: 1, state: 'draining' }), drain, 'draining'],
  [report({ instructionId: 1, state: 'drained' }), drain, 'drained'],
  // A report from before the newest instruction says nothing.
  [report({ instructionId: 1, state: 'drained' }), resume, 'busy'],
  [report({ instructionId: 2 }), resume, 'idle'],
  // By itself: Spot takes it back.
  [report({ state: 'draining' }), undefined, 'leaving'],
] as const)('%j, told %j, is %s', (reported, told, state) => {
  const worker = new Worker(7, 10.9, 50, 0);
  const seen = viewWorker(worker, reported, told, false);
  expect(seen).toMatchObject({ id: 'i-00000007', launchedAtMs: 10_000, state });
  expect(viewWorker(worker, reported, told, true).state).toBe('leaving');
});

test('told to drain before its first report it is a boot that drains', () => {
  const worker = new Worker(7, 10.9, 50, 0);
  expect(viewWorker(worker, undefined, drain, false)).toMatchObject({ boots: true });
  expect(viewWorker(worker, report(), drain, false)).not.toHaveProperty('boots');
});
