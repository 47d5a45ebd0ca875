import { learnJobImages, NOTHING_LEARNED } from '@labelfleet/scaling';
import { expect, test } from 'vitest';
import { isStalled } from './is-stalled.ts';

test.each([
  ['900 s without progress', 900, 0.1, true],
  ['899 s', 899, 0.1, false],
  ['a page of 1,000 images takes 1,000 s', 2999, 1, false],
  ['three times that', 3000, 1, true],
])('%s', (_, seconds, imageSeconds, stalled) => {
  const learned = learnJobImages(NOTHING_LEARNED, 100, 100 * imageSeconds);
  expect(isStalled(seconds, learned)).toBe(stalled);
});
