import fc from 'fast-check';
import { expect, test } from 'vitest';

import { LazyHeap } from './lazy-heap.ts';

interface Entry {
  value: number;
  live: boolean;
}

test('returns live entries in order while others are deleted', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ push: fc.integer({ min: 0, max: 50 }) }) },
    fc.record({ void: fc.nat() }),
    fc.constant('pop' as const),
  );
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 300, maxLength: 600 }) /* past a compaction */,
      (steps) => {
        const heap = new LazyHeap<Entry>(
          (a, b) => a.value < b.value,
          ({ live }) => live,
        );
        let model: Entry[] = [];
        for (const each of steps) {
          if (each === 'pop') {
            const popped = heap.pop();
            const least = Math.min(...model.map(({ value }) => value));
            expect(popped?.value ?? Infinity).toBe(least);
            model = model.filter((entry) => entry !== popped);
          } else if ('push' in each) {
            const entry = { value: each.push, live: true };
            heap.push(entry);
            model.push(entry);
          } else if (model.length > 0) {
            const [gone] = model.splice(each.void % model.length, 1);
            if (gone !== undefined) gone.live = false;
          }
        }
      },
    ),
  );
});
