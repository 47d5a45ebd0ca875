import { expect, test } from 'vitest';
import { steadyWorkers } from './steady-workers.ts';

const tuning = { beta: 0.7, lateShare: 0.05 };
const sustained = true;

test.each([
  ['none for a burst', { rate60: 50, sustained: false }, 1, 0],
  ['14/s at 0.25 s, 1 s at most: ceil(3.5 + 0.75)', { rate60: 14, sustained }, 1, 5],
  ['the same, 10 s at most: ceil(3.5 + 0.07)', { rate60: 14, sustained }, 10, 4],
  ['15.8/s, 10 s at most: ceil(3.95 + 0.07)', { rate60: 15.8, sustained }, 10, 5],
  ['14/s, 0.1 s at most: ceil(3.5 + 0.7 x 1.87)', { rate60: 14, sustained }, 0.1, 5],
  ['150/s, 0.1 s at most: ceil(37.5 + 4.29)', { rate60: 150, sustained }, 0.1, 42],
  ['one for a trickle', { rate60: 0.05, sustained }, 10, 1],
])('%s', (_, arrivals, target, workers) => {
  expect(steadyWorkers(arrivals, { service: 0.25, target }, tuning)).toBe(workers);
});
