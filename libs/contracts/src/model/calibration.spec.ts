import { describe, expect, it } from 'vitest';
import { calibrationSchema, labelFrom, lowestScore, type Calibration } from './calibration.ts';

const row = (score: number, labeled: number, precisionAtLeast: number) => ({
  ...{ score, labeled, precision: Math.min(1, precisionAtLeast + 0.01), precisionAtLeast },
});
const table = (...thresholds: Calibration['thresholds']): Calibration => ({
  ...{ images: 1000, confidence: 0.95, thresholds },
});

const usual = table(row(0, 1, 0.6), row(0.5, 0.7, 0.8), row(0.9, 0.4, 0.92));

describe('the lowest score', () => {
  it.each<[string, Calibration, number, number]>([
    ['is that of the first threshold that is precise enough', usual, 0.75, 0.5],
    ['is 0 if all images are precise enough', usual, 0.6, 0],
    ['is that of a threshold that is just precise enough', usual, 0.92, 0.9],
    ['is infinite if none is precise enough', usual, 0.95, Infinity],
    [
      'is not below a threshold that is not precise enough',
      table(row(0, 1, 0.85), row(0.5, 0.7, 0.79), row(0.9, 0.4, 0.92)),
      ...([0.8, 0.9] as const),
    ],
    [
      // ln 0.05 / ln 0.9 = 28.4, and 0.028 of 1000 are 28.
      'does not depend on thresholds with fewer images than could prove the precision',
      table(row(0.5, 0.7, 0.92), row(0.98, 0.028, 0.8)),
      ...([0.9, 0.5] as const),
    ],
    [
      'depends on a threshold with just enough images',
      table(row(0.5, 0.7, 0.92), row(0.98, 0.029, 0.8)),
      ...([0.9, Infinity] as const),
    ],
  ])('%s', (_, calibration, minPrecision, score) => {
    expect(lowestScore(calibration, minPrecision)).toBe(score);
  });
});

it.each([
  [0.5, { label: 'ox' }],
  [0.51, { label: null, unknown: true }],
])('an image with a score of 0.5 gets, from a lowest score of %s, %j', (lowest, label) => {
  expect(labelFrom({ label: 'ox', score: 0.5, classIndex: 0 }, lowest)).toEqual(label);
});

it('is refused if its scores do not ascend', () => {
  const descending = table(row(0.9, 0.4, 0.92), row(0.5, 0.7, 0.8));
  expect(calibrationSchema.safeParse(descending).success).toBe(false);
  expect(calibrationSchema.safeParse(usual).success).toBe(true);
});
