import { expect, test } from 'vitest';
import { parseRetryAfter } from './retry-after.ts';

// The date is the example of RFC 9110, section 10.2.3.
const NOW = Date.UTC(1999, 11, 31, 23, 59, 0);

test.each([
  ['120', 120_000],
  [' 5 ', 5_000],
  ['0', 0],
  ['Fri, 31 Dec 1999 23:59:59 GMT', 59_000],
  ['Friday, 31-Dec-99 23:59:59 GMT', 59_000],
  ['Fri, 31 Dec 1999 23:58:00 GMT', 0],
  ['soon', undefined],
  ['-5', undefined],
  ['1.5', undefined],
  ['', undefined],
  [null, undefined],
])('parses Retry-After: %s as %s ms', (header, ms) => {
  expect(parseRetryAfter(header, NOW)).toBe(ms);
});
