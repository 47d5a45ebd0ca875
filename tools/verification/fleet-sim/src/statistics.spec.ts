import { expect, test } from 'vitest';
import { mean, nearestRank } from './statistics.ts';

const oneToTwenty = Float64Array.from({ length: 20 }, (_, index) => index + 1);

test.each([
  [0.5, 10],
  [0.95, 19],
  [0.951, 20],
  [0, 1],
])('has the percentile %d of 1 to 20 at %i', (share, value) => {
  expect(nearestRank(oneToTwenty, share)).toBe(value);
});

test('takes means of plain and typed lists', () => {
  expect([mean(oneToTwenty), mean([1, 2, 6])]).toEqual([10.5, 3]);
});

test('gives 0 for empty lists', () => {
  expect([nearestRank([], 0.5), mean([])]).toEqual([0, 0]);
});
