import { expect, test } from 'vitest';
import { mean, nearestRank } from './statistics.ts';

const oneToTwenty = Float64Array.from({ length: 20 }, (_, index) => index + 1);

test.each([
  [0.5, 10],
  [0.95, 19],
  [0.951, 20],
  [0, 1],
])('of 1 to 20 a share of %d does not exceed %i', (share, value) => {
  expect(nearestRank(oneToTwenty, share)).toBe(value);
});

test('a mean is taken of plain lists and typed ones', () => {
  expect([mean(oneToTwenty), mean([1, 2, 6])]).toEqual([10.5, 3]);
});

test('of nothing both are nothing', () => {
  expect([nearestRank([], 0.5), mean([])]).toEqual([0, 0]);
});
