import fc from 'fast-check';
import { expect, test } from 'vitest';
import { safeFileName } from './object-keys.ts';

test.each([
  ['test_65.JPEG', 'test_65.JPEG'],
  ['C:\\images\\my cat.png', 'my_cat.png'],
  ['../../etc/passwd', 'passwd'],
  ['Köln – Dom.jpg', 'K_ln_Dom.jpg'],
  ['..', 'image'],
  ['', 'image'],
  ['写真', 'image'],
  [`${'a'.repeat(200)}.webp`, `${'a'.repeat(123)}.webp`],
])('safeFileName turns %j into %j', (given, stored) => {
  expect(safeFileName(given)).toBe(stored);
});

test('safeFileName returns 1 to 128 safe bytes for every name', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
      expect(safeFileName(name)).toMatch(/^[A-Za-z0-9._-]{1,128}$/);
    }),
  );
});
