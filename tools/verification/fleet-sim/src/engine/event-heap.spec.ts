import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventHeap } from './event-heap.ts';

test('takes events by time, and by the order of adding when times are equal', () => {
  const times = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 3000 });
  fc.assert(
    fc.property(times, (at) => {
      const heap = new EventHeap();
      for (const [index, time] of at.entries()) heap.put(time, 0, index, 0);
      const taken: [number, number][] = [];
      while (heap.size > 0) {
        heap.take();
        taken.push([heap.at, heap.a]);
      }
      const sorted = at.map((time, index): [number, number] => [time, index]);
      sorted.sort(([a, i], [b, j]) => a - b || i - j);
      expect(taken).toEqual(sorted);
    }),
    { numRuns: 50, seed: 1 },
  );
});
