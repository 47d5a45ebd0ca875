import { describe, expect, it } from 'vitest';
import { maximise, type Point, type Value } from './cutting-planes.ts';

const planes =
  (...all: [offset: number, x: number, y: number][]) =>
  ([x, y]: Point): Value =>
    all
      .map(([offset, a, b]): Value => ({ value: offset + a * x + b * y, slope: [a, b] }))
      .reduce((lowest, value) => (value.value < lowest.value ? value : lowest));

const bowl = ([x, y]: Point): Value => ({
  value: 5 - (x - 1) ** 2 - (y - 0.5) ** 2,
  slope: [-2 * (x - 1), -2 * (y - 0.5)],
});

describe('the greatest value of a concave function', () => {
  it.each([
    { title: 'where it is flat', of: planes([3, 0, 0]), greatest: 3 },
    { title: 'at a corner of the box: 1 + 10 + 2', of: planes([1, 1, 2]), greatest: 13 },
    {
      title: 'on an edge: x = 4 where 2 + x meets 10 - x',
      of: planes([2, 1, 0], [10, -1, 0]),
      greatest: 6,
    },
    {
      title: 'within, where 2 + x + y, 10 - x + y and 10 - 7 y meet: x = 4, y = 0.5',
      of: planes([2, 1, 1], [10, -1, 1], [10, 0, -7]),
      greatest: 6.5,
    },
    { title: 'of a bowl', of: bowl, greatest: 5 },
  ])('$title', ({ of, greatest }) => {
    const { value, atMost } = maximise([of], [10, 1], { steps: 60 });
    expect(value).toBeLessThanOrEqual(greatest + 1e-9);
    expect(value).toBeGreaterThan(greatest * 0.998);
    expect(atMost).toBeGreaterThanOrEqual(greatest - 1e-9);
  });

  it('of a sum whose parts share one coordinate and each have another', () => {
    // The first is highest at x = 1 and y = 0.5, the second at x = 4, the higher the less y is: 2 - y. The sum
    // 5 - (y - 0.5)^2 + 2 - y is highest at y = 0.
    const ridge = ([x, y]: Point): Value => ({
      value: 2 - y - Math.abs(x - 4),
      slope: [x < 4 ? 1 : -1, -1],
    });
    const { value, atMost } = maximise([bowl, ridge], [10, 1], { steps: 60 });
    expect(value).toBeLessThanOrEqual(6.75);
    expect(value).toBeGreaterThan(6.75 * 0.998);
    expect(atMost).toBeGreaterThanOrEqual(6.75 - 1e-9);
  });

  it('is a value of the function even after a few steps', () => {
    const { value, atMost } = maximise([bowl], [10, 1], { steps: 3 });
    expect(value).toBeLessThanOrEqual(5);
    expect(atMost).toBeGreaterThanOrEqual(5);
  });
});
