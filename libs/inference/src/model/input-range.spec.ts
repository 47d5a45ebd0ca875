import { expect, it } from 'vitest';

import { inputRange, lacksSpread } from './input-range.ts';
import { PRESETS, presetFor } from './presets.ts';

const same = (value: number): [number, number, number] => [value, value, value];

it.each(PRESETS)('%s has spread', (preset) => {
  expect(lacksSpread(presetFor(preset, 224))).toBe(false);
});

it.each([
  ['unscaled pixels', 1, 0, 1, false],
  ['unscaled pixels minus their mean', 1, 120, 1, false],
  // (0..1 - 127) / 128
  ['a mean of pixels after a scale of 1/255', 1 / 255, 127, 128, true],
  // 0..1/255
  ['a scale of 1/255 twice', 1 / 255 ** 2, 0, 1, true],
  ['a deviation of pixels after a scale of 1/255', 1 / 255, 0.5, 127.5, true],
  // -127..-126: the width is 1, but the values are nearly the same.
  ['only a mean of pixels', 1 / 255, 127, 1, true],
  ['no scale at all', 0, 0, 1, true],
])('%s: without spread is %5$s', (_, scale, mean, std, lacks) => {
  expect(lacksSpread({ scale, mean: same(mean), std: same(std) })).toBe(lacks);
});

it('inputRange is the range over all channels', () => {
  const { low, high } = inputRange(presetFor('imagenet', 224));
  // -0.485 / 0.229, and (1 - 0.406) / 0.225
  expect([low, high].map((value) => value.toFixed(3))).toEqual(['-2.118', '2.640']);
});
