import { calibrationSchema } from '@labelfleet/contracts';
import { describe, expect, it } from 'vitest';
import { calibrate } from './calibrate.ts';
import { lowerBound } from './lower-bound.ts';
import { areaUnderRoc, precisionTable } from './precision-table.ts';

describe('the lower bound', () => {
  it.each([
    // If all are right, it is 0.05 ^ (1 / n).
    [50, 50, 0.05 ** (1 / 50)],
    [1, 1, 0.05],
    [0, 5, 0],
    // By SciPy: beta.ppf(0.05, right, all - right + 1).
    [9, 10, 0.6058366974635652],
    [297, 300, 0.9743586069173904],
    [3430, 5000, 0.6750252967505495],
  ])('of %i right of %i is %d', (right, all, bound) => {
    expect(lowerBound(right, all, 0.95)).toBeCloseTo(bound, 6);
  });
});

/** Images of a score, of which some are right. */
const images = (score: number, right: number, wrong: number) =>
  Array.from({ length: right + wrong }, (_, index) => ({
    classIndex: 0,
    predictions: [{ label: 'ox', score, classIndex: index < right ? 0 : 1 }],
  }));

describe('the calibration table', () => {
  const table = calibrate([...images(0.9, 300, 0), ...images(0.5, 60, 40), ...images(0.1, 0, 100)]);
  const at = (score: number) => table.thresholds.find((row) => row.score === score);

  it('has the images from each threshold on, with the bound of their precision', () => {
    expect(table).toMatchObject({ images: 500, confidence: 0.95 });
    expect(at(0)).toMatchObject({ labeled: 1, precision: 0.72 });
    expect(at(0.5)).toMatchObject({ labeled: 0.8, precision: 0.9 });
    expect(at(0.52)).toMatchObject({ labeled: 0.6, precision: 1, precisionAtLeast: 0.99 });
    expect(table.thresholds.at(-1)?.score).toBe(0.9);
  });

  it('is one that a manifest may have', () => {
    expect(calibrationSchema.parse(table)).toEqual(table);
  });

  it('says what a caller gets who demands a precision', () => {
    const rows = precisionTable(table, { scores: [0.95, 0.6, 0.5, 0.2], share: 0.5 });
    expect(rows.find(({ minPrecision }) => minPrecision === 0.85)).toEqual({
      ...{ minPrecision: 0.85, score: 0.12, labeled: 0.8, precision: 0.9, othersLabeled: 1 },
      // As many others as own: 0.8 * 0.9 of 0.8 + 1 labels are right.
      precisionWithOthers: expect.closeTo(0.72 / 1.8, 12) as number,
    });
    expect(rows.find(({ minPrecision }) => minPrecision === 0.9)).toMatchObject({
      ...{ score: 0.52, labeled: 0.6, precision: 1, othersLabeled: 0.5 },
    });
    const none = calibrate(images(0.9, 100, 0));
    // 100 right ones prove 0.9704.
    expect(precisionTable(none, undefined).at(-1)).toEqual({ minPrecision: 0.99, labeled: 0 });
  });
});

it.each([
  ['all own images score higher', [0.8, 0.9], [0.1, 0.7], 1],
  ['all score lower', [0.1], [0.2, 0.3], 0],
  ['all score the same', [0.5, 0.5], [0.5], 0.5],
  ['five of six pairs are in order', [0.5, 0.8, 0.9], [0.6, 0.1], 5 / 6],
])('the area under the ROC curve, if %s, is %d', (_, own, others, area) => {
  expect(areaUnderRoc(own, others)).toBeCloseTo(area, 12);
});
