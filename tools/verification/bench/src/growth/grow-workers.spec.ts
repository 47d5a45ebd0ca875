import { expect, test } from 'vitest';
import { callsAnImage } from './grow-workers.ts';

test('a lone image takes six calls, and one of a long backlog less than one', () => {
  expect(callsAnImage(1e-9, 1, 0)).toBeCloseTo(6);
  // A tenth of a call each, and a little more for the replies of each worker
  expect(callsAnImage(0.7, 8, 10_000)).toBeGreaterThanOrEqual(0.6);
  expect(callsAnImage(0.7, 8, 10_000)).toBeLessThan(1);
});
