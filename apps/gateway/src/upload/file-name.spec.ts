import { expect, test } from 'vitest';
import { shownFileName } from './file-name.ts';

test.each([
  ['photo.jpg', 'photo.jpg'],
  [undefined, undefined],
  ['', undefined],
  [' \t ', undefined],
  ['C:\\Users\\me\\photo.jpg', 'photo.jpg'],
  ['a\u0000b\n.jpg', 'ab.jpg'],
  ['\ud800.jpg', '\ufffd.jpg'], // a lone surrogate
  ['x'.repeat(300) + '.jpg', 'x'.repeat(251) + '.jpg'], // 255 characters
  // 3 bytes of UTF-8, 9 characters percent-encoded, each: 113 of them and `.jpg` are 1021 of at most 1024
  ['猫'.repeat(250) + '.jpg', '猫'.repeat(113) + '.jpg'],
])('the file name %j is shown as %j', (given, shown) => {
  expect(shownFileName(given)).toBe(shown);
});
