import { expect, test } from 'vitest';
import { steadyWorkers } from './steady-workers.ts';

test.each([
  ['none for a burst', { rate15: 50, rate60: 50, sustained: false }, 0],
  ['14/s at 0.25 s: ceil(3.5 + 0.7 x 1.87)', { rate15: 14, rate60: 14, sustained: true }, 5],
  ['the higher rate counts', { rate15: 4, rate60: 14, sustained: true }, 5],
  ['150/s at 0.25 s: ceil(37.5 + 0.7 x 6.12)', { rate15: 150, rate60: 9, sustained: true }, 42],
  ['one for a trickle', { rate15: 0, rate60: 0.05, sustained: true }, 1],
])('%s', (_, arrivals, workers) => {
  expect(steadyWorkers(arrivals, 0.25, 0.7)).toBe(workers);
});
