import { expect, test } from 'vitest';
import { continueTrace } from './traceparent.ts';

const RANDOM = Uint8Array.from({ length: 24 }, (_, index) => index + 1);
const NEW = '00-0102030405060708090a0b0c0d0e0f10-1112131415161718-00';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

test.each([
  ['none', undefined, NEW],
  ['a valid one', `00-${TRACE}-00f067aa0ba902b7-01`, `00-${TRACE}-1112131415161718-01`],
  ['another version', `ff-${TRACE}-00f067aa0ba902b7-01`, NEW],
  ['an empty trace id', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, NEW],
  ['an empty parent', `00-${TRACE}-${'0'.repeat(16)}-01`, NEW],
  ['malformed', 'x', NEW],
])('a traceparent that is %s', (_case, header, passedOn) => {
  expect(continueTrace(header, RANDOM)).toBe(passedOn);
});
