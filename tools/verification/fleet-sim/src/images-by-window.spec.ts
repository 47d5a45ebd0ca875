import { expect, test } from 'vitest';
import { imagesByWindow } from './images-by-window.ts';

test('an image is of the window in which it arrives; one without images is empty', () => {
  // Windows of 10 s: 0 and 9 are of the first, 10 begins the second, none is of the third, 39.5 is of the fourth.
  expect(imagesByWindow([0, 9, 10, 39.5], 10)).toEqual([
    { first: 0, end: 2 },
    { first: 2, end: 3 },
    { first: 3, end: 3 },
    { first: 3, end: 4 },
  ]);
});

test('without an image there is no window', () => {
  expect(imagesByWindow([], 10)).toEqual([]);
});

test('a window without an end has all of them', () => {
  expect(imagesByWindow([0, 5000], Infinity)).toEqual([{ first: 0, end: 2 }]);
});
