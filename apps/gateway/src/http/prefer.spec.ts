import { describe, expect, test } from 'vitest';
import { parsePrefer, planWait } from './prefer.ts';

// The default and maximum wait are 300 s here.
test.each([
  [undefined, 300_000, undefined],
  ['wait=10', 10_000, 'wait=10'],
  ['wait=0', 0, 'wait=0'],
  ['respond-async', 0, 'respond-async'],
  ['respond-async, wait=10', 10_000, 'respond-async, wait=10'],
  ['Wait = "7" ; foo=bar', 7_000, 'wait=7'],
  ['wait=9999', 300_000, 'wait=300'],
  ['wait=3, wait=8', 3_000, 'wait=3'],
  ['wait=-1', 300_000, undefined],
  ['wait=soon', 300_000, undefined],
  ['return=minimal', 300_000, undefined],
  ['note="a, wait=5"', 300_000, undefined],
  ['note="unfinished, wait=5', 5_000, 'wait=5'],
])('Prefer: %s waits %d ms', (header, waitMs, applied) => {
  const planned = planWait(parsePrefer(header), { defaultMs: 300_000, maxMs: 300_000 });
  expect(planned.waitMs).toBe(waitMs);
  expect(planned.headers['preference-applied']).toBe(applied);
});

describe('without a preference', () => {
  test('a read does not wait', () => {
    expect(planWait(parsePrefer(''), { defaultMs: 0, maxMs: 300_000 }).waitMs).toBe(0);
  });
});
