import fc from 'fast-check';
import { expect, test } from 'vitest';

import { listPage } from './list-page.ts';

const key = fc.string({ unit: fc.constantFrom('a', 'b', '/'), minLength: 1, maxLength: 6 });

test('returns the same entries in pages of every size', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(key),
      fc.constantFrom('', 'a', 'a/', 'b/a'),
      fc.constantFrom('', '/'),
      fc.integer({ min: 1, max: 5 }),
      (unsorted, prefix, delimiter, maxKeys) => {
        const keys = unsorted.sort();
        const whole = listPage(keys, { prefix, delimiter, after: '', maxKeys: 1000 });
        const together = { keys: [] as string[], commonPrefixes: [] as string[] };
        for (let after: string | undefined = ''; after !== undefined;) {
          const page = listPage(keys, { prefix, delimiter, after, maxKeys });
          expect(page.keys.length + page.commonPrefixes.length).toBeLessThanOrEqual(maxKeys);
          together.keys.push(...page.keys);
          together.commonPrefixes.push(...page.commonPrefixes);
          after = page.next;
        }
        expect({ ...together, next: undefined }).toEqual(whole);
      },
    ),
  );
});

test('lists every key or includes it in exactly one common prefix', () => {
  fc.assert(
    fc.property(fc.uniqueArray(key), (unsorted) => {
      const keys = unsorted.sort();
      const page = listPage(keys, { prefix: '', delimiter: '/', after: '', maxKeys: 1000 });
      for (const each of keys) {
        const homes = page.commonPrefixes.filter((prefix) => each.startsWith(prefix));
        expect(homes.length + Number(page.keys.includes(each))).toBe(1);
      }
    }),
  );
});
