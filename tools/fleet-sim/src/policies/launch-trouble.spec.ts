import { expect, test } from 'vitest';
import { afterLaunch, NO_TROUBLE } from './launch-trouble.ts';

test('without capacity launches are left alone for 3 minutes', () => {
  expect(afterLaunch(NO_TROUBLE, 'no-capacity', 100, 0.5).notBefore).toBe(280);
});

test.each([
  [4, 0.5, 101.5], // between 1 and 2 s
  [4, 0, 101],
  [14, 0.5, 104.5], // between 1 and 8 s
  [34, 0.5, 130.5], // between 1 and 60 s
])('after %i failures one more waits, by the draw %d, until %d', (failures, random, notBefore) => {
  const trouble = { failures, notBefore: 0 };
  expect(afterLaunch(trouble, 'throttled', 100, random)).toEqual({
    failures: failures + 1,
    notBefore,
  });
});

test('a launch ends the trouble', () => {
  expect(afterLaunch({ failures: 5, notBefore: 200 }, 'launched', 200, 0.5)).toEqual(NO_TROUBLE);
});
