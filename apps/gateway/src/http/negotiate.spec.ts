import { expect, test } from 'vitest';
import { negotiate } from './negotiate.ts';

test.each([
  [undefined, 'text/plain'],
  ['', 'text/plain'],
  ['*/*', 'text/plain'],
  ['application/json', 'application/json'],
  ['Application/JSON', 'application/json'],
  ['application/*', 'application/json'],
  ['text/html, application/xhtml+xml, */*;q=0.8', 'text/plain'],
  ['text/plain;q=0.5, application/json', 'application/json'],
  ['*/*, text/plain;q=0', 'application/json'],
  ['image/png', undefined],
  ['application/json;q=0', undefined],
])('Accept: %s gets %s', (accept, type) => {
  expect(negotiate(accept, ['text/plain', 'application/json'])).toBe(type);
});
