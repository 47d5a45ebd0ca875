import { expect, it } from 'vitest';

import { preprocess } from './preprocess.ts';

/** Two adjacent pixels. */
const raster = { data: Uint8Array.of(1, 2, 3, 10, 20, 30), width: 2, height: 1 };
const plain = { scale: 1, mean: [0, 0, 0], std: [1, 1, 1] } satisfies object as {
  scale: number;
  mean: [number, number, number];
  std: [number, number, number];
};

it.each([
  ['NCHW', 'RGB', [1, 3, 1, 2], [1, 10, 2, 20, 3, 30]],
  ['NCHW', 'BGR', [1, 3, 1, 2], [3, 30, 2, 20, 1, 10]],
  ['NHWC', 'RGB', [1, 1, 2, 3], [1, 2, 3, 10, 20, 30]],
  ['NHWC', 'BGR', [1, 1, 2, 3], [3, 2, 1, 30, 20, 10]],
] as const)('lays pixels out as %s, %s', (layout, channels, dims, values) => {
  const tensor = preprocess(raster, { ...plain, layout, channels });
  expect(tensor.dims).toEqual(dims);
  expect([...tensor.data]).toEqual(values);
});

it('scales, then subtracts the mean and divides by the deviation of each channel', () => {
  const tensor = preprocess(raster, {
    layout: 'NHWC',
    channels: 'BGR',
    scale: 0.5,
    mean: [1, 2, 3],
    std: [1, 2, 4],
  });
  // blue (3 / 2 - 1) / 1, green (2 / 2 - 2) / 2, red (1 / 2 - 3) / 4
  expect([...tensor.data].slice(0, 3)).toEqual([0.5, -0.5, -0.625]);
});
