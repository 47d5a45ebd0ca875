import { expect, test } from 'vitest';
import { offerAtMs } from './run-load.ts';

test('sends offers in waves of 12 s with pauses of 8 s, at the given pace overall', () => {
  // 3 a second are 60 in 20 s, all in the first 12 s.
  const times = Array.from({ length: 121 }, (_, offer) => offerAtMs(offer, 1000 / 3));
  expect(times[0]).toBe(0);
  expect(times[59]).toBeCloseTo((59 / 60) * 12_000);
  expect(times[60]).toBeCloseTo(20_000);
  expect(times[120]).toBeCloseTo(40_000);
});
