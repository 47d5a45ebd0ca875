import { expect, test } from 'vitest';
import { isIdempotencyKey } from './idempotency-key.ts';

test.each([
  ['0192f0c1-7a8b', true],
  ['"quoted"', true],
  ['!~', true],
  ['k'.repeat(255), true],
  ['', false],
  ['k'.repeat(256), false],
  ['two words', false],
  ['first, second', false],
  ['Schlüssel', false],
  ['tab\tkey', false],
])('%j is an idempotency key: %s', (header, is) => {
  expect(isIdempotencyKey(header)).toBe(is);
});
