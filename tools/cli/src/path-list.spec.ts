import { expect, it } from 'vitest';
import { parsePathList } from './path-list.ts';

it.each([
  ['lines', 'a.jpg\nb c.jpg\n', ['a.jpg', 'b c.jpg']],
  ['lines without a last end', 'a.jpg\nb.jpg', ['a.jpg', 'b.jpg']],
  ['lines of Windows, with an empty one', 'a.jpg\r\n\r\nb.jpg\r\n', ['a.jpg', 'b.jpg']],
  ['NULs, with line breaks in names', 'a\nb.jpg\0c\r.jpg\0', ['a\nb.jpg', 'c\r.jpg']],
  ['a single path with NUL', 'a\nb.jpg\0', ['a\nb.jpg']],
  ['an empty list', '', []],
])('splits a list of paths: %s', (_, text, paths) => {
  expect(parsePathList(text)).toEqual(paths);
});
