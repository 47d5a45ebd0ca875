import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { postprocess } from './postprocess.ts';

const labels = ['cat', 'dog', 'ox'];
const logits = { kind: 'logits', temperature: 1 } as const;
const probabilities = { kind: 'probabilities', temperature: 1 } as const;

describe('logits', () => {
  it('become probabilities, best first', () => {
    // e^ln1, e^ln3, e^ln4 of 8
    const row = Float32Array.of(Math.log(1), Math.log(3), Math.log(4));
    const predictions = postprocess(row, logits, labels, 2);
    expect(predictions).toMatchObject([
      { label: 'ox', classIndex: 2 },
      { label: 'dog', classIndex: 1 },
    ]);
    expect(predictions[0]?.score).toBeCloseTo(0.5, 6);
    expect(predictions[1]?.score).toBeCloseTo(0.375, 6);
  });

  it('are divided by the temperature first', () => {
    const row = Float32Array.of(0, 2 * Math.log(3), -1000);
    const [first] = postprocess(row, { kind: 'logits', temperature: 2 }, labels, 1);
    // 3 of 1 + 3 + 0
    expect(first?.score).toBeCloseTo(0.75, 6);
  });

  it('give one probability per class in descending order', () => {
    const row = fc.float32Array({
      minLength: 1,
      maxLength: 50,
      noNaN: true,
      noDefaultInfinity: true,
    });
    fc.assert(
      fc.property(row, (values) => {
        const scores = postprocess(values, logits, labels, 100).map(({ score }) => score);
        expect(scores).toHaveLength(values.length);
        expect(scores.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
        expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      }),
    );
  });
});

it('probabilities are kept, but clamped to [0, 1]', () => {
  const row = Float32Array.of(0.25, 1.0000001, -1e-9);
  expect(postprocess(row, probabilities, labels, 3)).toEqual([
    { label: 'dog', score: 1, classIndex: 1 },
    { label: 'cat', score: 0.25, classIndex: 0 },
    { label: 'ox', score: 0, classIndex: 2 },
  ]);
});

it('equal scores keep the order of the classes', () => {
  const row = Float32Array.of(0.2, 0.4, 0.4);
  expect(postprocess(row, probabilities, labels, 3).map(({ label }) => label)).toEqual([
    'dog',
    'ox',
    'cat',
  ]);
});

it.each([[NaN], [Infinity], [-Infinity]])('throws when the model gives %d', (value) => {
  expect(() => postprocess(Float32Array.of(0, value, 1), logits, labels, 1)).toThrow(RangeError);
});
