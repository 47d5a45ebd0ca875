import type { ModelInput } from '@labelfleet/inference/model-tools';
import { expect, it } from 'vitest';
import { readAnswers, type Texts } from './add-answers.ts';
import { planInput } from './plan-input.ts';

const square: (number | null)[] = [null, 3, 64, 64];
const anySize: (number | null)[] = [null, 3, null, null];

function plan(input: (number | null)[], texts: Texts) {
  const read = readAnswers(texts);
  if ('fault' in read) throw new Error(read.fault);
  return planInput({ input }, read.answers);
}

it.each<[(number | null)[], Texts, Partial<ModelInput>]>([
  [
    square,
    { preset: 'imagenet' },
    { width: 64, height: 64, layout: 'NCHW', crop: 'center', channels: 'RGB' },
  ],
  // 64 is 87.5 % of 73.
  [
    square,
    { preset: 'imagenet' },
    { resize: { mode: 'shorter-side', size: 73, kernel: 'linear' } },
  ],
  [[1, 224, 224, 3], { preset: 'efficientnet-lite' }, { layout: 'NHWC', scale: 1 }],
  [
    anySize,
    { preset: 'raw' },
    { width: null, height: null, resize: { mode: 'none' }, crop: 'none' },
  ],
  [anySize, { preset: 'imagenet' }, { width: 224, height: 224, crop: 'center' }],
  [square, { preset: 'raw' }, { resize: { mode: 'stretch', size: 64, kernel: 'linear' } }],
  [[], { layout: 'NHWC', 'input-size': '32x32', preset: 'raw' }, { layout: 'NHWC', width: 32 }],
  [[1, 3, 5, 3], { layout: 'NCHW', preset: 'raw' }, { height: 5, width: 3 }],
  [square, { preset: 'imagenet', mean: '0,0,0' }, { mean: [0, 0, 0], std: [0.229, 0.224, 0.225] }],
  [
    square,
    { resize: 'shorter-side:70', kernel: 'cubic', mean: '0,0,0', std: '1,1,1', scale: '2/255' },
    { resize: { mode: 'shorter-side', size: 70, kernel: 'cubic' }, scale: 2 / 255, crop: 'center' },
  ],
  [square, { resize: 'stretch', mean: '0,0,0', std: '1,1,1' }, { crop: 'none', scale: 1 / 255 }],
  [
    square,
    { preset: 'imagenet', channels: 'BGR', crop: 'none' },
    { channels: 'BGR', crop: 'none' },
  ],
])('plans for a model of input %j with %j: %j', (input, texts, fed) => {
  expect(plan(input, texts)).toMatchObject({ kind: 'ready', input: fed });
});

it.each<[(number | null)[], Texts, string[]]>([
  [square, {}, ['resize', 'scale', 'mean', 'std']],
  [square, { preset: 'own', mean: '0,0,0' }, ['resize', 'scale', 'std']],
  [square, { preset: 'own', resize: 'stretch', mean: '0,0,0', std: '1,1,1' }, ['scale']],
  [square, { resize: 'stretch', mean: '0,0,0' }, ['scale', 'std']],
  [anySize, {}, ['input-size', 'resize', 'scale', 'mean', 'std']],
  [[], {}, ['layout', 'input-size', 'resize', 'scale', 'mean', 'std']],
  [[], { preset: 'raw' }, ['layout', 'input-size']],
  [[], { preset: 'raw', 'input-size': 'any' }, ['layout']],
  [[1, 3, 5, 3], { preset: 'raw' }, ['layout', 'input-size']],
])('for a model of input %j with %j, asks for %j', (input, texts, missing) => {
  expect(plan(input, texts)).toEqual({ kind: 'missing', missing });
});

it.each<[Texts, string]>([
  [{ mean: '0,0' }, '--mean 0,0: must be three numbers: R,G,B.'],
  [{ std: '1,x,1' }, '--std 1,x,1: must be three numbers: R,G,B.'],
  [{ scale: '1/0' }, '--scale 1/0: must be a number.'],
  [{ resize: '224' }, '--resize 224: must be shorter-side:SIZE, stretch or none.'],
  [{ 'input-size': '224' }, '--input-size 224: must be WIDTHxHEIGHT in pixels, or any.'],
  [{ layout: 'CHW' }, '--layout CHW: must be NCHW or NHWC.'],
  [{ name: '../up' }, '--name ../up: must be a name for a folder: letters, digits, ., _ and -.'],
  [
    { crop: 'left', kind: 'scores' },
    '--crop left: must be center or none.\n--kind scores: must be logits or probabilities.',
  ],
])('refuses the answers %j', (texts, fault) => {
  expect(readAnswers(texts)).toEqual({ fault });
});
