import { describe, expect, test } from 'vitest';
import { keyFilter, keyPattern } from './key-pattern.ts';

describe('a pattern', () => {
  // Each row was checked with Python's fnmatch.fnmatchcase, which `aws s3 cp` uses.
  test.each([
    ['a.jpg', 'a.jpg', true],
    ['a.jpg', 'A.jpg', false],
    ['a.jpg', 'xa.jpg', false],
    ['*', '', true],
    ['*', 'a/b/c.jpg', true],
    ['*.jpg', '2026/11/a.jpg', true],
    ['*.jpg', '.jpg', true],
    ['*.jpg', 'a.jpg.bak', false],
    ['2026/*/a.*', '2026/11/12/a.png', true],
    ['a*b*c', 'aXbXbXc', true],
    ['a*b*c', 'aXcXb', false],
    ['***', 'a', true],
    ['*?', '', false],
    ['?*?', 'ab', true],
    ['?', '/', true],
    ['?', '', false],
    ['?', 'ab', false],
    ['?.jpg', '日.jpg', true],
    ['?', '\u{1f41e}', true],
    ['*', 'two\nlines', true],
    ['[ab].jpg', 'a.jpg', true],
    ['[ab].jpg', 'c.jpg', false],
    ['[!ab].jpg', 'c.jpg', true],
    ['[!ab].jpg', 'a.jpg', false],
    ['[!ab]', '/', true],
    ['[^a]', '^', true],
    ['[^a]', 'b', false],
    ['[0-9][0-9].jpg', '42.jpg', true],
    ['[0-9].jpg', 'a.jpg', false],
    ['[a-cx-z]', 'y', true],
    ['[z-a]', 'm', false],
    ['[z-ab]', 'b', true],
    ['[!z-a]', 'm', true],
    ['[a-c-e]', '-', true],
    ['[a-c-e]', 'd', false],
    ['[-a]', '-', true],
    ['[a-]', '-', true],
    ['[!-a]', '-', false],
    ['[]a]', ']', true],
    ['[!]a]', ']', false],
    ['[]-a]', '^', true],
    ['[?]', '?', true],
    ['[?]', 'a', false],
    ['[*]', '*', true],
    ['[[]', '[', true],
    ['[\\]', '\\', true],
    ['\\*', '\\anything', true],
    ['\\*', '*', false],
    ['[ab', '[ab', true],
    ['[', '[', true],
    ['[]', '[]', true],
    ['[!]', '[!]', true],
    ['[é-ü]', 'ö', true],
    ['{a,b}', 'a', false],
    ['.+$^|()', '.+$^|()', true],
  ] as const)('%j and the key %j: %s', (pattern, key, expected) => {
    expect(keyPattern(pattern)(key)).toBe(expected);
  });

  test.each(['*a'.repeat(500) + '*b', '*'.repeat(1024) + 'b', `*${'a'.repeat(512)}b*`])(
    'cannot make the longest key take long: %s',
    (pattern) => {
      const beganAtMs = performance.now();
      expect(keyPattern(pattern)('a'.repeat(1024))).toBe(false);
      // It takes 2 ms; with backtracking for each star it would take years.
      expect(performance.now() - beganAtMs).toBeLessThan(1_000);
    },
  );
});

describe('a job with patterns', () => {
  const keys = ['a.jpg', 'b.png', 'raw/a.jpg', 'notes.txt'];
  test.each([
    ['neither', {}, keys],
    ['include', { include: ['*.jpg', '*.png'] }, ['a.jpg', 'b.png', 'raw/a.jpg']],
    ['include of nothing', { include: [] }, []],
    ['exclude', { exclude: ['*.txt', 'raw/*'] }, ['a.jpg', 'b.png']],
    ['both: exclude wins', { include: ['*.jpg'], exclude: ['raw/*'] }, ['a.jpg']],
  ])('wants the right keys with %s', (_, patterns, expected) => {
    expect(keys.filter(keyFilter(patterns))).toEqual(expected);
  });
});
