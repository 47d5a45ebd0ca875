import type { InferenceSession } from 'onnxruntime-node';
import { expect, it } from 'vitest';

import type { ModelInput } from '../model/manifest.ts';
import { readSignature } from './signature.ts';

const tensor = (
  name: string,
  shape: (number | string)[],
  type: 'float32' | 'uint8' = 'float32',
): InferenceSession.ValueMetadata => ({ name, isTensor: true, type, shape });

const input: ModelInput = {
  width: 224,
  height: 192,
  layout: 'NCHW',
  channels: 'RGB',
  resize: { mode: 'shorter-side', size: 256, kernel: 'linear' },
  crop: 'center',
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
};
const output = tensor('scores', ['N', 1000]);

it.each([
  ['a batch of any size', ['N', 3, 192, 224], {}],
  ['a batch of one', [1, 3, 192, 224], {}],
  ['any size of image', ['N', 3, 'h', 'w'], {}],
  ['any size, while the manifest gives none', [1, 3, 'h', 'w'], { width: null, height: null }],
  ['NHWC', [1, 192, 224, 3], { layout: 'NHWC' }],
] as const)('a model fits its manifest with %s', (_, shape, changes) => {
  expect(readSignature([tensor('x', [...shape])], [output], { ...input, ...changes })).toEqual({
    input: 'x',
    output: 'scores',
  });
});

it.each([
  ['a fixed batch', [8, 3, 192, 224], {}],
  ['another width', [1, 3, 192, 192], {}],
  ['width and height exchanged', [1, 3, 224, 192], {}],
  ['the other layout', [1, 192, 224, 3], {}],
  ['one channel', [1, 1, 192, 224], {}],
  ['no batch', [3, 192, 224], {}],
  ['one size, while the manifest allows any', [1, 3, 192, 224], { width: null, height: null }],
] as const)('a model does not fit its manifest with %s', (_, shape, changes) => {
  expect(readSignature([tensor('x', [...shape])], [output], { ...input, ...changes })).toEqual({
    fault: expect.stringMatching(/^takes \[.*\], and its manifest gives \[.*\]$/) as string,
  });
});

const fitting = tensor('x', [1, 3, 192, 224]);
it.each([
  ['two inputs', [fitting, fitting], [output], 'takes 2 inputs'],
  ['no output', [fitting], [], 'has no output'],
  ['bytes', [tensor('x', [1, 3, 192, 224], 'uint8')], [output], 'has "x" as uint8, not float32'],
  [
    'no tensor out',
    [fitting],
    [{ name: 'y', isTensor: false }],
    'has "y" as something other than a tensor',
  ],
] as const)('a model cannot be used with %s', (_, inputs, outputs, message) => {
  expect(readSignature(inputs, outputs, input)).toEqual({
    fault: expect.stringContaining(message) as string,
  });
});
