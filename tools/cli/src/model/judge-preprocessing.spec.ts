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

const figuresOf = (figures: Partial<SampleFigures>): SampleFigures => ({
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
  ['names all right', usual, figuresOf({}), false],
  ['misses one, as good models do', usual, figuresOf({ right: 5 }), false],
  ['misses two', usual, figuresOf({ right: 4 }), true],
  ['names all right, whatever its range', narrow, figuresOf({}), false],
  ['knows no class of the sample', usual, figuresOf(unknown), false],
  ['knows none, and has a range without spread', narrow, figuresOf(unknown), true],
  ['knows none, and makes the same of all', usual, figuresOf({ ...unknown, spread: 0.02 }), true],
])('judges a model that %s as suspicious: %3$s', (_, input, figures, suspicious) => {
  expect(isSuspicious(input, figures)).toBe(suspicious);
});

it('recommends the preset that labels clearly more images right, and the most common one among equals', () => {
  const better = tried([
    figuresOf({ right: 2 }),
    figuresOf({ right: 5 }),
    figuresOf({ right: 5, certainty: 0.81 }),
  ]);
  expect(doubtOf(usual, figuresOf({ right: 2 }), better)).toBe(
    'It names 2 of 6 sample images right, and 5 with --preset tensorflow. Add it again with these options.',
  );
});

it('has no doubt when no preset is clearly better', () => {
  const little = tried([figuresOf({ right: 4 }), figuresOf({ right: 5 }), figuresOf({ right: 3 })]);
  expect(doubtOf(usual, figuresOf({ right: 4 }), little)).toBeUndefined();
});

it('doubts the order of the labels when no preset helps', () => {
  const none = tried([figuresOf({ right: 0 }), figuresOf({ right: 1 }), figuresOf({ right: 0 })]);
  expect(doubtOf(usual, figuresOf({ right: 0 }), none)).toMatch(
    /^It names none of 6 .* Check that the labels are in the order of its classes\.$/,
  );
});

it('recommends the preset with the highest scores for a model of unknown classes, and never one without spread', () => {
  const candidates = tried([
    figuresOf({ ...unknown, certainty: 0.6 }),
    figuresOf({ ...unknown, certainty: 0.7 }),
    figuresOf({ ...unknown, certainty: 1, spread: 0.01 }),
  ]);
  expect(doubtOf(narrow, figuresOf({ ...unknown, spread: 0.02 }), candidates)).toMatch(
    /pixels from 0 to 255 become -0\.992 to -0\.984, .*without spread\. Its scores are highest with --preset tensorflow /,
  );
  expect(doubtOf(usual, figuresOf({ ...unknown, spread: 0.02 }), [])).toBe(
    'Its output is nearly the same for every sample image (spread 0.020). No preset is better. Ask its publisher for the preprocessing.',
  );
});

it.each([
  [usual, 10],
  // Cutting 224 x 300 out of 256 is no preset: only stretching is left out as well, as it makes squares.
  [{ ...usual, height: 300 }, 0],
  [{ ...usual, width: null, height: null }, 10],
])('tries only preprocessings that produce the model’s input size', (input, count) => {
  expect(candidatesFor(input)).toHaveLength(count);
});
