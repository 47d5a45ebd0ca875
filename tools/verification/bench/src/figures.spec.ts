import { expect, test } from 'vitest';
import { latencyFigures, median } from './figures.ts';

test.each([
  { values: [3, 1, 2], middle: 2 },
  { values: [4, 1, 3, 2], middle: 2.5 },
  { values: [], middle: Number.NaN },
])('finds the median $middle of $values', ({ values, middle }) => {
  expect(median(values)).toBe(middle);
});

test('finds percentiles of latencies in any order', () => {
  const latencies = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(latencyFigures(latencies)).toEqual({ p50Ms: 50, p95Ms: 95, p99Ms: 99 });
});
