import { expect, test } from 'vitest';
import { connectionRoom, openFilesLimit } from './open-files.ts';

test.each([
  { openFiles: 20, max: 1, maxRefused: 1 },
  { openFiles: 64, max: 6, maxRefused: 6 },
  { openFiles: 256, max: 54, maxRefused: 54 },
  { openFiles: 1024, max: 246, maxRefused: 246 },
  { openFiles: 4096, max: 3288, maxRefused: 256 },
  { openFiles: 524_288, max: 10_000, maxRefused: 256 },
  { openFiles: Infinity, max: 10_000, maxRefused: 256 },
])('with $openFiles open files $max connections are served', ({ openFiles, max, maxRefused }) => {
  expect(connectionRoom(openFiles)).toEqual({ max, maxRefused });
});

test.each([
  {
    line: 'Max open files            256                  256                  files     ',
    is: 256,
  },
  {
    line: 'Max open files            1024                 524288               files     ',
    is: 1024,
  },
  {
    line: 'Max open files            unlimited            unlimited            files     ',
    is: Infinity,
  },
  { line: '', is: Infinity },
])('reads the soft limit of "$line"', ({ line, is }) => {
  expect(
    openFilesLimit(`Max processes  1  2  processes\n${line}\nMax locked memory 3 4 bytes\n`),
  ).toBe(is);
});
