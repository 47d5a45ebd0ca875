import { expect, it } from 'vitest';
import { takeCompleted, type RequestRate } from './request-load.ts';

it('follows the rate of completed requests within minutes, and starts anew with another scaler', () => {
  let rate: RequestRate | undefined;
  const at = (second: number, completed: number) =>
    (rate = takeCompleted(rate, completed, second * 1000));
  for (let second = 0; second <= 300; second += 2) at(second, 10 * second);
  expect(rate?.perSecond).toBeCloseTo(10, 0);
  // A burst of 2 s weighs little.
  expect(at(302, 3000 + 200).perSecond).toBeLessThan(14);
  expect(at(304, 0).perSecond).toBeGreaterThan(9);
  for (let second = 306; second <= 600; second += 2) at(second, 0);
  expect(rate?.perSecond).toBeLessThan(0.1);
});

it('is unchanged at the same time', () => {
  const rate = { completed: 5, atMs: 1000, perSecond: 3 };
  expect(takeCompleted(rate, 90, 1000)).toBe(rate);
});
