import { expect, test } from 'vitest';
import { imagesByWindow } from './images-by-window.ts';

test('assigns each image to the window in which it arrives', () => {
  // Windows of 10 s: 0 and 9 are of the first, 10 begins the second, none is of the third, 39.5 is of the fourth.
  expect(imagesByWindow([0, 9, 10, 39.5], 10)).toEqual([
    { first: 0, end: 2 },
    { first: 2, end: 3 },
    { first: 3, end: 3 },
    { first: 3, end: 4 },
  ]);
});

test('has no windows without images', () => {
  expect(imagesByWindow([], 10)).toEqual([]);
});

test('has all images in a window without an end', () => {
  expect(imagesByWindow([0, 5000], Infinity)).toEqual([{ first: 0, end: 2 }]);
});
