import { presetFor, type ModelInput } from '@labelfleet/inference/model-tools';
import { expect, it } from 'vitest';
import { candidatesFor } from './candidates.ts';
import { doubtOf, isSuspicious } from './judge-preprocessing.ts';
import type { SampleFigures } from './sample-figures.ts';

const square = {
  width: 224,
  height: 224,
  layout: 'NCHW',
  channels: 'RGB',
  crop: 'center',
} as const;
const usual: ModelInput = { ...square, ...presetFor('imagenet', 224) };
const narrow: ModelInput = { ...usual, mean: [127, 127, 127], std: [128, 128, 128] };

const seen = (figures: Partial<SampleFigures>): SampleFigures => ({
  ...{ known: 6, right: 6, certainty: 0.8, spread: 0.8 },
  ...figures,
});
const unknown = { known: 0, right: 0 };
const [imagenet, tensorflow, lite] = candidatesFor(usual);
const tried = (figures: [SampleFigures, SampleFigures, SampleFigures]) =>
  [imagenet, tensorflow, lite].flatMap((candidate, at) => {
    const found = figures[at];
    return candidate === undefined || found === undefined ? [] : [{ ...candidate, figures: found }];
  });

it.each([
  ['names all right', usual, seen({}), false],
  ['misses one, as good models do', usual, seen({ right: 5 }), false],
  ['misses two', usual, seen({ right: 4 }), true],
  ['names all right, whatever its range', narrow, seen({}), false],
  ['knows no class of the sample', usual, seen(unknown), false],
  ['knows none, and has a range without spread', narrow, seen(unknown), true],
  ['knows none, and makes the same of all', usual, seen({ ...unknown, spread: 0.02 }), true],
])('a model that %s is suspicious: %3$s', (_, input, figures, suspicious) => {
  expect(isSuspicious(input, figures)).toBe(suspicious);
});

it('tells the preset that names clearly more right, the most usual of those as good', () => {
  const better = tried([
    seen({ right: 2 }),
    seen({ right: 5 }),
    seen({ right: 5, certainty: 0.81 }),
  ]);
  expect(doubtOf(usual, seen({ right: 2 }), better)).toBe(
    'It names 2 of 6 sample images right, and 5 with --preset tensorflow. Add it again with these options.',
  );
});

it('has no doubt where no preset is clearly better', () => {
  const little = tried([seen({ right: 4 }), seen({ right: 5 }), seen({ right: 3 })]);
  expect(doubtOf(usual, seen({ right: 4 }), little)).toBeUndefined();
});

it('doubts the labels where nothing helps', () => {
  const none = tried([seen({ right: 0 }), seen({ right: 1 }), seen({ right: 0 })]);
  expect(doubtOf(usual, seen({ right: 0 }), none)).toMatch(
    /^It names none of 6 .* Check that the labels are in the order of its classes\.$/,
  );
});

it('tells the surest way for a model whose classes are unknown, and never one without spread', () => {
  const ways = tried([
    seen({ ...unknown, certainty: 0.6 }),
    seen({ ...unknown, certainty: 0.7 }),
    seen({ ...unknown, certainty: 1, spread: 0.01 }),
  ]);
  expect(doubtOf(narrow, seen({ ...unknown, spread: 0.02 }), ways)).toMatch(
    /pixels from 0 to 255 become -0\.992 to -0\.984, .*without spread\. It is surest with --preset tensorflow /,
  );
  expect(doubtOf(usual, seen({ ...unknown, spread: 0.02 }), [])).toBe(
    'It makes nearly the same of every sample image (spread 0.020). No preset is better: ask its maker how images are brought to it.',
  );
});

it.each([
  [usual, 10],
  // Cutting 224 x 300 out of 256 is no preset: only stretching is left out as well, as it makes squares.
  [{ ...usual, height: 300 }, 0],
  [{ ...usual, width: null, height: null }, 10],
])('every way to try is one that leads to the model’s size', (input, count) => {
  expect(candidatesFor(input)).toHaveLength(count);
});
