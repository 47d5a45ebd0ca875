import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';

import { decode } from '../decode/decode.ts';
import { embeddedModelDir } from '../model/embedded-model.ts';
import { inputSchema } from '../model/manifest.ts';
import { readModelDir } from '../model/model-dir.ts';
import { OnnxClassifier } from './onnx-classifier.ts';
import { preprocess } from './preprocess.ts';

/** Created by testing/golden/make-golden.py with PyTorch and Pillow. */
const golden = (path: string) =>
  readFileSync(new URL(`../../testing/golden/${path}`, import.meta.url));
const maxPixels = 50_000_000;

const caseSchema = z.object({
  name: z.string(),
  image: z.string(),
  input: inputSchema,
  tensor: z.string(),
  dims: z.tuple([z.number(), z.number(), z.number()]),
  logits: z.array(z.number()).optional(),
});
const cases = z.array(caseSchema).parse(JSON.parse(golden('cases.json').toString()));

/** Cases that are upscaled to the 72 pixels of the embedded model. */
const UPSCALED = new Set(['embedded: square-64.png', 'embedded: small.png']);

/**
 * The allowed distance from Pillow's tensor, in 255ths. Without a resize, and when an image is upscaled, only rounding
 * differs. libvips and Pillow reduce with the same kernels, but libvips places them on a grid of 1/64 pixel and rounds
 * more often, which is visible at sharp edges; from a much larger JPEG it decodes only half or a quarter of the
 * pixels.
 */
function toleranceOf(name: string): { mean: number; largest: number } {
  if (name === 'unchanged') return { mean: 1e-5, largest: 1e-4 };
  if (name.startsWith('upscaled') || UPSCALED.has(name)) return { mean: 0.12, largest: 2.5 };
  return name === 'large, linear' ? { mean: 1.5, largest: 20 } : { mean: 0.7, largest: 9 };
}

describe('preprocessing gives the same tensor as PyTorch and Pillow', () => {
  it.each(cases)('$name ($image)', async ({ name, image, input, tensor, dims }) => {
    const decoded = await decode(golden(`images/${image}`), input, maxPixels);
    if (decoded.kind !== 'decoded') throw new Error(decoded.detail);
    const actual = preprocess(decoded.raster, input);
    expect(actual.dims).toEqual([1, ...dims]);
    const step = input.scale / Math.max(...input.std);
    const distances = floats(golden(`tensors/${tensor}`)).map(
      (value, i) => Math.abs(value - (actual.data[i] ?? NaN)) / step,
    );
    const { mean, largest } = toleranceOf(name);
    expect(distances.reduce((a, b) => a + b) / distances.length).toBeLessThan(mean);
    expect(Math.max(...distances)).toBeLessThan(largest);
  });
});

describe('the embedded model gives the logits of the same network in PyTorch', () => {
  let classifier: OnnxClassifier;
  beforeAll(async () => {
    classifier = await OnnxClassifier.open(await readModelDir(embeddedModelDir), { maxPixels });
  });
  afterAll(() => classifier[Symbol.asyncDispose]());

  const withLogits = cases.flatMap(({ logits = [], ...rest }) =>
    logits.length > 0 ? [{ ...rest, logits }] : [],
  );

  it.each(withLogits)('for the golden tensor of $image, except for rounding', async (row) => {
    const data = floats(golden(`tensors/${row.tensor}`));
    const logits = await classifier.run({ data, dims: [1, ...row.dims] });
    // The logits are between about -3 and 8; float32 sums of thousands of products differ in the sixth digit.
    expect(largestDistance(logits, row.logits)).toBeLessThan(1e-4);
  });

  // The effect of the preprocessing tolerances on the logits is below 0.1.
  it.each(withLogits)('for the bytes of $image, within 0.1', async (row) => {
    const decoded = await decode(golden(`images/${row.image}`), row.input, maxPixels);
    if (decoded.kind !== 'decoded') throw new Error(decoded.detail);
    const logits = await classifier.run(preprocess(decoded.raster, row.input));
    expect(largestDistance(logits, row.logits)).toBeLessThan(0.1);
    // The best label is the same, unless two are almost equally likely.
    const best = row.logits[logits.indexOf(Math.max(...logits))];
    expect(best).toBeGreaterThan(Math.max(...row.logits) - 0.2);
  });
});

const floats = (bytes: Buffer) =>
  Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));

const largestDistance = (a: Float32Array, b: readonly number[]) =>
  Math.max(...b.map((value, i) => Math.abs(value - (a[i] ?? NaN))));
