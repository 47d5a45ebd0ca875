import { expect, it } from 'vitest';
import { isNamed, sampleFigures } from './sample-figures.ts';

it.each([
  ['orange', true],
  ['Orange', true],
  ['oranges', true],
  ['n07747607 orange', true],
  ['navel orange, orange', true],
  ['blood_orange', false],
  ['orangery', false],
  ['', false],
])('decides whether the label "%s" means orange: %s', (label, named) => {
  expect(isNamed(label, 'orange')).toBe(named);
});

const labels = ['alp', 'bee', 'candle'];
const rows = (...values: number[][]) => values.map((row) => Float32Array.from(row));
const logits = { kind: 'logits', temperature: 1 } as const;

it('counts the images of known classes and the right labels', () => {
  const figures = sampleFigures(
    rows([9, 0, 0], [0, 9, 0], [0, 9, 0]),
    ['alp', 'candle', 'orange'],
    logits,
    labels,
  );
  expect(figures).toMatchObject({ known: 2, right: 1 });
  expect(figures?.certainty).toBeGreaterThan(0.99);
});

it.each([
  ['the same for every image', rows([1, 2, 3], [1, 2, 3]), 0],
  ['the same but for a constant', rows([1, 2, 3], [11, 12, 13]), 0],
  // Each row deviates by 1 from its mean of 2; so does each class from its mean over the images.
  ['the opposite for each image', rows([1, 2, 3], [3, 2, 1]), 1],
])('computes the spread of %s', (_, values, spread) => {
  expect(sampleFigures(values, ['x', 'y'], logits, labels)?.spread).toBeCloseTo(spread);
});

it('computes a spread from probabilities close to 0 and 1', () => {
  const probabilities = rows([0.999, 1e-3, 1e-9], [0.999, 1e-9, 1e-3]);
  const output = { kind: 'probabilities', temperature: 1 } as const;
  expect(sampleFigures(probabilities, ['x', 'y'], output, labels)?.spread).toBeGreaterThan(0.3);
});

it('returns undefined for output that is not a finite number', () => {
  expect(sampleFigures(rows([Number.NaN, 0, 0]), ['x'], logits, labels)).toBeUndefined();
});
