import { expect, test } from 'vitest';
import { offerAtMs } from './run-load.ts';

test('offers come in waves of 8 s and a rest of 4 s, at the asked pace over all', () => {
  // 3 a second are 36 in 12 s, all of them in the first 8 of these.
  const times = Array.from({ length: 73 }, (_, offer) => offerAtMs(offer, 1000 / 3));
  expect(times[0]).toBe(0);
  expect(times[35]).toBeCloseTo((35 / 36) * 8000);
  expect(times[36]).toBeCloseTo(12_000);
  expect(times[72]).toBeCloseTo(24_000);
});
