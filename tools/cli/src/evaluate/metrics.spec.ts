import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { calibrationError, measure, type Observation } from './metrics.ts';

const labels = ['ox', 'bee', 'barn', 'lion', 'goose', 'snail'];

/** An image of a class, with the predicted classes, best first; the first has this score and the others have 0. */
const observed = (classIndex: number, ranking: number[], score: number): Observation => ({
  classIndex,
  predictions: ranking.map((index, rank) => ({
    label: labels[index] ?? '',
    score: rank === 0 ? score : 0,
    classIndex: index,
  })),
});

it('counts right labels at rank 1 and in the top 5', () => {
  const metrics = measure(
    [
      observed(0, [0, 1, 2, 3, 4], 0.9), // right
      observed(0, [1, 0, 2, 3, 4], 0.5), // second
      observed(0, [1, 2, 3, 4, 0], 0.5), // fifth
      observed(5, [0, 1, 2, 3, 4], 0.5), // not in the top 5
    ],
    labels,
  );
  expect(metrics).toMatchObject({ images: 4, top1: 1 / 4, top5: 3 / 4 });
});

it('sorts classes by top-1, worst first, and names the most frequent wrong label', () => {
  const { classes } = measure(
    [
      observed(1, [1], 1),
      observed(0, [2], 1),
      observed(0, [3], 1),
      observed(0, [3], 1),
      observed(0, [0], 1),
    ],
    labels,
  );
  expect(classes).toEqual([
    { label: 'ox', images: 4, top1: 1 / 4, takenFor: 'lion' },
    { label: 'bee', images: 1, top1: 1 },
  ]);
});

it.each<[string, Observation[], number]>([
  ['every label is right with score 1', [observed(0, [0], 1), observed(1, [1], 1)], 0],
  ['every label is wrong with score 1', [observed(0, [1], 1)], 1],
  // One bin: half right at a mean score of 0.95.
  ['half of the labels are right at 0.95', [observed(0, [0], 0.95), observed(0, [1], 0.95)], 0.45],
  // Two bins of one: 1/2 x |1 - 0.9| + 1/2 x |0 - 0.3|.
  ['two bins have different errors', [observed(0, [0], 0.9), observed(0, [1], 0.3)], 0.2],
  // 0.34 and 0.39 share the bin from 5/15 to 6/15: |1/2 - 0.365|; errors of opposite sign cancel within a bin.
  ['two scores share a bin', [observed(0, [0], 0.34), observed(0, [1], 0.39)], 0.135],
  // 0.2 is 3/15, the upper end of its bin, and 0.21 in the next: 1/2 x 0.8 + 1/2 x 0.21.
  ['a score is on the upper edge of a bin', [observed(0, [0], 0.2), observed(0, [1], 0.21)], 0.505],
])('computes the calibration error when %s', (_, observations, error) => {
  expect(calibrationError(observations)).toBeCloseTo(error, 10);
});

it('keeps every share and error between 0 and 1', () => {
  const index = fc.integer({ min: 0, max: 5 });
  const score = fc.double({ min: 0, max: 1, noNaN: true });
  const observation = fc
    .tuple(index, fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 1 }), score)
    .map(([classIndex, ranking, best]) => observed(classIndex, ranking, best));
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
