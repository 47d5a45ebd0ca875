import { expect, test } from 'vitest';
import { slotWork } from './slotted-work.ts';

const numbers = (array: Int32Array) => [...array];

test('lets an image be done from the slot of its arrival to the slot in which its wait ends', () => {
  // Slots of 10 s, chunks of 5 s. Image 1: from slot 0, due at 9 + 10 = 19, in slot 1.
  // Image 2: from slot 2, due at 35, in slot 3.
  const slotted = slotWork({ arrivals: [9, 25], workerSeconds: [5, 10] }, 10, {
    slotSeconds: 10,
    chunksPerSlot: 2,
  });
  expect(numbers(slotted.released)).toEqual([1, 1, 3, 3]);
  expect(numbers(slotted.due)).toEqual([0, 1, 1, 3]);
  expect(slotted.workSeconds).toBe(15);
});

test('releases a chunk of several images with the first and makes it due with the last', () => {
  // Chunks of 1 s of images of 0.4 s: the first chunk holds images 1, 2 and half of 3.
  const slotted = slotWork({ arrivals: [0, 1, 2], workerSeconds: [0.4, 0.4, 0.4] }, 1, {
    slotSeconds: 1,
    chunksPerSlot: 1,
  });
  // The second would never be whole.
  expect(numbers(slotted.released)).toEqual([1, 1, 1, 1]);
  expect(numbers(slotted.due)).toEqual([0, 0, 0, 1]);
});

test('makes no additional chunk from rounding errors', () => {
  const tenths = Array.from({ length: 1000 }, () => 0.1);
  const slotted = slotWork({ arrivals: tenths.map(() => 0), workerSeconds: tenths }, 0, {
    slotSeconds: 1,
    chunksPerSlot: 1,
  });
  expect(numbers(slotted.released)).toEqual([100]);
  expect(numbers(slotted.due)).toEqual([100]);
});

test('leaves out work that is due after the end of the grid', () => {
  // Slots of 10 s up to 35, so three of them. The image of 9 is due at 19; that of 16, due at 26, is still asked
  // for, in slot 2; that of 25, due at 35, is not, nor is it anything to do.
  const slotted = slotWork(
    { arrivals: [9, 16, 25], workerSeconds: [10, 10, 10] },
    10,
    {
      slotSeconds: 10,
      chunksPerSlot: 1,
    },
    35,
  );
  expect(numbers(slotted.released)).toEqual([1, 2, 2]);
  expect(numbers(slotted.due)).toEqual([0, 1, 2]);
  expect(slotted.workSeconds).toBe(30);
});
