import { expect, test } from 'vitest';
import { slowAfter } from './pace.ts';

const pace = { graceMs: 10_000, minBytesPerSecond: 1_000 };

test.each([
  ['bytes extend the time at the lowest rate', 12_000, 500, 10_000, 12_500],
  ['one byte a second falls behind', 12_000, 1, 10_000, 12_001],
  ['never by more than the grace', 12_000, 10_000_000, 10_000, 20_000],
])('%s', (_case, slowAt, bytes, nowMs, then) => {
  expect(slowAfter(slowAt, bytes, nowMs, pace)).toBe(then);
});
