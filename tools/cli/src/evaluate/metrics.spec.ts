import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { calibrationError, measure, type Observation } from './metrics.ts';

const labels = ['ox', 'bee', 'barn', 'lion', 'goose', 'snail'];

/** A picture of a class; what it is taken for, best first, the first with this score. */
const seen = (classIndex: number, ranking: number[], score: number): Observation => ({
  classIndex,
  predictions: ranking.map((index, rank) => ({
    label: labels[index] ?? '',
    score: rank === 0 ? score : 0,
    classIndex: index,
  })),
});

it('counts what is right at first, and among the first five', () => {
  const figures = measure(
    [
      seen(0, [0, 1, 2, 3, 4], 0.9), // right
      seen(0, [1, 0, 2, 3, 4], 0.5), // second
      seen(0, [1, 2, 3, 4, 0], 0.5), // fifth
      seen(5, [0, 1, 2, 3, 4], 0.5), // not at all
    ],
    labels,
  );
  expect(figures).toMatchObject({ images: 4, top1: 1 / 4, top5: 3 / 4 });
});

it('gives the classes from the worst on, with what they are most often taken for', () => {
  const { classes } = measure(
    [seen(1, [1], 1), seen(0, [2], 1), seen(0, [3], 1), seen(0, [3], 1), seen(0, [0], 1)],
    labels,
  );
  expect(classes).toEqual([
    { label: 'ox', images: 4, top1: 1 / 4, takenFor: 'lion' },
    { label: 'bee', images: 1, top1: 1 },
  ]);
});

it.each<[string, Observation[], number]>([
  ['all is right and sure', [seen(0, [0], 1), seen(1, [1], 1)], 0],
  ['all is wrong and sure', [seen(0, [1], 1)], 1],
  // One bin: half right at a mean score of 0.95.
  ['half is right at 0.95', [seen(0, [0], 0.95), seen(0, [1], 0.95)], 0.45],
  // Two bins of one: 1/2 x |1 - 0.9| + 1/2 x |0 - 0.3|.
  ['two bins each miss in their own way', [seen(0, [0], 0.9), seen(0, [1], 0.3)], 0.2],
  // 0.34 and 0.39 share the bin from 5/15 to 6/15: |1/2 - 0.365|; over and under do cancel within a bin.
  ['two scores share a bin', [seen(0, [0], 0.34), seen(0, [1], 0.39)], 0.135],
  // 0.2 is 3/15, the upper end of its bin, and 0.21 in the next: 1/2 x 0.8 + 1/2 x 0.21.
  ['a score is on the edge of a bin', [seen(0, [0], 0.2), seen(0, [1], 0.21)], 0.505],
])('the calibration error when %s', (_, observations, error) => {
  expect(calibrationError(observations)).toBeCloseTo(error, 10);
});

it('no share and no error leaves the unit interval', () => {
  const index = fc.integer({ min: 0, max: 5 });
  const score = fc.double({ min: 0, max: 1, noNaN: true });
  const observation = fc
    .tuple(index, fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 1 }), score)
    .map(([classIndex, ranking, best]) => seen(classIndex, ranking, best));
  fc.assert(
    fc.property(fc.array(observation, { minLength: 1 }), (observations) => {
      const { top1, top5, calibrationError: error } = measure(observations, labels);
      expect(top5).toBeGreaterThanOrEqual(top1);
      for (const value of [top1, top5, error]) {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1 + 1e-12);
      }
    }),
  );
});
