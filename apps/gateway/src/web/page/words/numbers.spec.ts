import { expect, test } from 'vitest';
import { dollars, duration, durationRange, megabytes, percent } from './numbers.ts';

test.each([
  [-5, '0 s'],
  [4_400, '4 s'],
  [90_000, '90 s'],
  [150_000, '3 min'],
  [3 * 3_600_000, '3 h'],
])('%d ms is %s', (ms, expected) => expect(duration(ms)).toBe(expected));

test.each([
  [10_000, 20_000, '10 to 20 s'],
  [9_000, 9_100, 'about 9 s'],
  [80_000, 180_000, '80 s to 3 min'],
])('from %d to %d ms is %s', (low, high, expected) =>
  expect(durationRange(low, high)).toBe(expected),
);

test.each([
  [0.999, '>\u00a099\u00a0%'],
  [1, '100\u00a0%'],
  [0.174, '17\u00a0%'],
])('a score of %d is %s', (score, expected) => expect(percent(score)).toBe(expected));

test.each([
  [0.0234, '$0.023'],
  [0.5, '$0.50'],
  [3.1, '$3.10'],
  [123.4, '$123'],
  [1_234.5, '$1,235'],
])('%d is %s', (usd, expected) => expect(dollars(usd)).toBe(expected));

test.each([
  [10, '1 KB'],
  [1_572_864, '1.5 MB'],
  [33_554_432, '32 MB'],
  [103_079_215_104, '96 GB'],
])('%d bytes are %s', (bytes, expected) => expect(megabytes(bytes)).toBe(expected));
