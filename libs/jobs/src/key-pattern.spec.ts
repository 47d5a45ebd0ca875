import { expect, test } from 'vitest';
import { keyFilter } from './key-pattern.ts';

test.each([
  ['every key', {}, 'a/b.txt', true],
  ['what include matches, over slashes', { include: ['*.jpg'] }, 'a/b.jpg', true],
  ['the whole key only', { include: ['*.jpg'] }, 'a/b.jpg.txt', false],
  ['what one of several matches', { include: ['*.png', 'a?.jpg'] }, 'ab.jpg', true],
  ['not what exclude matches', { include: ['*.jpg'], exclude: ['raw/*'] }, 'raw/1.jpg', false],
  ['one of a set', { include: ['[a-c]*'] }, 'd.jpg', false],
  ['none of a set', { include: ['[!a-c]*'] }, 'd.jpg', true],
] as const)('a job wants %s', (_what, patterns, key, wanted) => {
  expect(keyFilter(patterns)(key)).toBe(wanted);
});
