import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextBatch } from './next-batch.ts';

interface Entry {
  name: string;
  bytes?: number;
  key?: string;
}

const limits = {
  maxEntries: 3,
  maxBytes: 10,
  bytesOf: ({ bytes = 0 }: Entry) => bytes,
  orderKeyOf: ({ key }: Entry) => key,
};
const names = (entries: Entry[]) => entries.map(({ name }) => name).join('');

test.each<[string, Entry[], string[], { batch: string; rest: string; full: boolean }]>([
  ['nothing is waiting', [], [], { batch: '', rest: '', full: false }],
  [
    'few entries are waiting',
    [{ name: 'a' }, { name: 'b' }],
    [],
    { batch: 'ab', rest: '', full: false },
  ],
  [
    'more entries are waiting than the limit',
    [{ name: 'a' }, { name: 'b' }, { name: 'c' }, { name: 'd' }],
    [],
    { batch: 'abc', rest: 'd', full: true },
  ],
  [
    // 6 + 5 > 10; c would fit, but must not overtake b.
    'the waiting entries are too large for one batch',
    [
      { name: 'a', bytes: 6 },
      { name: 'b', bytes: 5 },
      { name: 'c', bytes: 1 },
    ],
    [],
    { batch: 'a', rest: 'bc', full: true },
  ],
  [
    'one entry is larger than the limit',
    [{ name: 'a', bytes: 11 }, { name: 'b' }],
    [],
    { batch: 'a', rest: 'b', full: true },
  ],
  [
    'two entries have the same key',
    [
      { name: 'a', key: 'k' },
      { name: 'b', key: 'k' },
      { name: 'c', key: 'l' },
    ],
    [],
    { batch: 'ac', rest: 'b', full: false },
  ],
  [
    'the key of one entry is busy',
    [{ name: 'a', key: 'k' }, { name: 'b' }],
    ['k'],
    { batch: 'b', rest: 'a', full: false },
  ],
])('takes the next batch when %s', (_, waiting, busy, expected) => {
  const { batch, rest, full } = nextBatch(waiting, new Set(busy), limits);
  expect({ batch: names(batch), rest: names(rest), full }).toEqual(expected);
});

test('takes every entry once, within the limits, and keeps the order of each key', () => {
  const entry = fc.record({
    bytes: fc.integer({ min: 0, max: 12 }),
    key: fc.constantFrom('k', 'l', undefined),
  });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 30 }), (given) => {
      const entries = given.map((entry, index) => ({ ...entry, index }));
      const settings = {
        maxEntries: 3,
        maxBytes: 10,
        bytesOf: ({ bytes }: { bytes: number }) => bytes,
        orderKeyOf: ({ key }: { key: string | undefined }) => key,
      };
      const sent: typeof entries = [];
      for (let waiting = entries; waiting.length > 0;) {
        const { batch, rest } = nextBatch(waiting, new Set(), settings);
        const bytes = batch.reduce((sum, { bytes }) => sum + bytes, 0);
        expect(batch.length).toBeGreaterThanOrEqual(1);
        expect(batch.length).toBeLessThanOrEqual(3);
        expect(batch.length === 1 || bytes <= 10).toBe(true);
        sent.push(...batch);
        waiting = rest;
      }
      expect(sent.map(({ index }) => index).sort((a, b) => a - b)).toEqual(
        entries.map(({ index }) => index),
      );
      for (const key of ['k', 'l']) {
        const order = sent.filter((entry) => entry.key === key).map(({ index }) => index);
        expect(order).toEqual([...order].sort((a, b) => a - b));
      }
    }),
  );
});
