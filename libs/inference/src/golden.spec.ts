import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';

import { decode } from './decode.ts';
import { embeddedModelDir } from './embedded-model.ts';
import { inputSchema } from './manifest.ts';
import { readModelDir } from './model-dir.ts';
import { OnnxClassifier } from './onnx-classifier.ts';
import { preprocess } from './preprocess.ts';

/** Made by testing/golden/make-golden.py, with PyTorch and Pillow. */
const golden = (path: string) =>
  readFileSync(new URL(`../testing/golden/${path}`, import.meta.url));
const maxPixels = 50_000_000;

const caseSchema = z.object({
  name: z.string(),
  picture: z.string(),
  input: inputSchema,
  tensor: z.string(),
  dims: z.tuple([z.number(), z.number(), z.number()]),
  logits: z.array(z.number()).optional(),
});
const cases = z.array(caseSchema).parse(JSON.parse(golden('cases.json').toString()));

/** By the embedded model, which takes 72 pixels. */
const ENLARGED = new Set(['embedded: square-64.png', 'embedded: small.png']);

/**
 * How far a tensor may be from Pillow's, in 255ths. Where nothing is resized, and where a picture is
 * enlarged, there is nothing but rounding. libvips and Pillow reduce by the same kernels, but libvips places
 * them on a grid of 64ths of a pixel and rounds more often, which shows at sharp edges; and of a much larger
 * JPEG it takes half or a quarter of the pixels from the decoder.
 */
function toleranceOf(name: string): { mean: number; largest: number } {
  if (name === 'as it is') return { mean: 1e-5, largest: 1e-4 };
  if (name.startsWith('enlarged') || ENLARGED.has(name)) return { mean: 0.12, largest: 2.5 };
  return name === 'large, linear' ? { mean: 1.5, largest: 20 } : { mean: 0.7, largest: 9 };
}

describe('preprocessing gives what PyTorch and Pillow give', () => {
  it.each(cases)('$name ($picture)', async ({ name, picture, input, tensor, dims }) => {
    const decoded = await decode(golden(`images/${picture}`), input, maxPixels);
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

  it.each(withLogits)('for the golden tensor of $picture, but for rounding', async (row) => {
    const data = floats(golden(`tensors/${row.tensor}`));
    const logits = await classifier.run({ data, dims: [1, ...row.dims] });
    // The logits reach from about -3 to 8; float32 sums of some thousand products differ in the sixth digit.
    expect(largestDistance(logits, row.logits)).toBeLessThan(1e-4);
  });

  // What the tolerances of preprocessing come to in the end: less than 0.1 was seen.
  it.each(withLogits)('for $picture from its bytes, within a tenth', async (row) => {
    const decoded = await decode(golden(`images/${row.picture}`), row.input, maxPixels);
    if (decoded.kind !== 'decoded') throw new Error(decoded.detail);
    const logits = await classifier.run(preprocess(decoded.raster, row.input));
    expect(largestDistance(logits, row.logits)).toBeLessThan(0.1);
    // The same label, unless two are as likely.
    const best = row.logits[logits.indexOf(Math.max(...logits))];
    expect(best).toBeGreaterThan(Math.max(...row.logits) - 0.2);
  });
});

const floats = (bytes: Buffer) =>
  Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));

const largestDistance = (a: Float32Array, b: readonly number[]) =>
  Math.max(...b.map((value, i) => Math.abs(value - (a[i] ?? NaN))));
