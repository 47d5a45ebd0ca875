import { expect, it } from 'vitest';
import { parseMinPrecision } from './request-options.ts';

it.each([
  ['0.5', 0.5],
  ['.75', 0.75],
  ['0.99', 0.99],
  ['0.995', undefined],
  ['0.49', undefined],
  ['90', undefined],
  ['1', undefined],
  ['5e-1', undefined],
  ['high', undefined],
  ['', undefined],
])('a minimum precision of %j is %s', (text, precision) => {
  expect(parseMinPrecision(text)).toBe(precision);
});
