import { expect, test } from 'vitest';
import { steadyWorkers } from './steady-workers.ts';

const tuning = { beta: 0.7, lateShare: 0.05, steadyByMinute: true };
const sustained = true;

test.each([
  ['none for a burst', { rate15: 50, rate60: 50, sustained: false }, 1, 0],
  ['14/s at 0.25 s, 1 s at most: ceil(3.5 + 0.75)', { rate15: 14, rate60: 14, sustained }, 1, 5],
  ['the same, 10 s at most: ceil(3.5 + 0.07)', { rate15: 14, rate60: 14, sustained }, 10, 4],
  ['15.8/s, 10 s at most: ceil(3.95 + 0.07)', { rate15: 15.8, rate60: 15.8, sustained }, 10, 5],
  ['14/s, 0.1 s at most: ceil(3.5 + 0.7 x 1.87)', { rate15: 14, rate60: 14, sustained }, 0.1, 5],
  ['150/s, 0.1 s at most: ceil(37.5 + 4.29)', { rate15: 9, rate60: 150, sustained }, 0.1, 42],
  ['one for a trickle', { rate15: 0, rate60: 0.05, sustained }, 10, 1],
])('%s', (_, arrivals, target, workers) => {
  expect(steadyWorkers(arrivals, { service: 0.25, target }, tuning)).toBe(workers);
});

test('the rate of the last 15 s counts where it is higher, if it is to', () => {
  const rising = { rate15: 14, rate60: 4, sustained };
  const times = { service: 0.25, target: 10 };
  expect(steadyWorkers(rising, times, tuning)).toBe(2);
  expect(steadyWorkers(rising, times, { ...tuning, steadyByMinute: false })).toBe(4);
});
