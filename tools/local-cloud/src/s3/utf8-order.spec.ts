import fc from 'fast-check';
import { expect, test } from 'vitest';

import { compareUtf8, countUpTo } from './utf8-order.ts';

const text = fc.string({ unit: 'binary', maxLength: 5 });

test('sorts texts by their UTF-8 bytes', () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
  expect(['😀', 'Ａ', 'a', ''].sort(compareUtf8)).toEqual(['', 'a', 'Ａ', '😀']);
});

test('counts the texts up to a given one', () => {
  fc.assert(
    fc.property(fc.array(text), text, (texts, mark) => {
      const sorted = texts.sort(compareUtf8);
      const expected = sorted.filter((each) => compareUtf8(each, mark) <= 0).length;
      expect(countUpTo(sorted, mark)).toBe(expected);
    }),
  );
});
