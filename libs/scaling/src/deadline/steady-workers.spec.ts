import { expect, test } from 'vitest';
import { steadyWorkers } from './steady-workers.ts';

const byMinute = { beta: 0.7, steadyByMinute: true };

test.each([
  ['none for a burst', { rate15: 50, rate60: 50, sustained: false }, 0],
  ['14/s at 0.25 s: ceil(3.5 + 0.7 x 1.87)', { rate15: 14, rate60: 14, sustained: true }, 5],
  ['150/s at 0.25 s: ceil(37.5 + 0.7 x 6.12)', { rate15: 9, rate60: 150, sustained: true }, 42],
  ['one for a trickle', { rate15: 0, rate60: 0.05, sustained: true }, 1],
])('%s', (_, arrivals, workers) => {
  expect(steadyWorkers(arrivals, 0.25, byMinute)).toBe(workers);
});

test('the rate of the last 15 s counts where it is higher, if it is to', () => {
  const rising = { rate15: 14, rate60: 4, sustained: true };
  expect(steadyWorkers(rising, 0.25, byMinute)).toBe(2);
  expect(steadyWorkers(rising, 0.25, { ...byMinute, steadyByMinute: false })).toBe(5);
});
