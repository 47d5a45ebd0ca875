import type { Region, Size } from './geometry.ts';
import type { Kernel } from '../model/manifest.ts';
import type { Raster } from './raster.ts';

/** The source pixels of one result pixel: the first one, and the weights of it and the following ones. */
interface Taps {
  first: number;
  weights: number[];
}

/**
 * Upscales an image and crops it, as Pillow does. libvips can upscale too, but shifts the image by up to half a source
 * pixel and uses cubic for every kernel except linear. A side may stay the same but must not become smaller.
 */
export function upscale(source: Raster, to: Size, kernel: Kernel, window: Region): Raster {
  const columns = taps(source.width, to.width, kernel, window.left, window.width);
  const rows = taps(source.height, to.height, kernel, window.top, window.height);
  // Skips the rows that the crop does not need: the image may be a thousand times higher.
  const top = rows[0]?.first ?? 0;
  const bottom = Math.max(...rows.map(({ first, weights }) => first + weights.length));
  const lines = source.data.subarray(top * source.width * 3, bottom * source.width * 3);
  const stride = window.width * 3;
  const wide = interpolate(lines, bottom - top, columns, {
    from: { line: source.width * 3, pixel: 3 },
    to: { line: stride, pixel: 3 },
  });
  const data = interpolate(
    wide,
    window.width,
    rows.map(({ first, weights }) => ({ first: first - top, weights })),
    { from: { line: 3, pixel: stride }, to: { line: 3, pixel: stride } },
  );
  return { data, width: window.width, height: window.height };
}

function taps(from: number, to: number, kernel: Kernel, start: number, length: number): Taps[] {
  const { support, weight } = from === to ? IDENTITY : KERNEL_FUNCTIONS[kernel];
  return Array.from({ length }, (_, i) => {
    const centre = (start + i + 0.5) * (from / to);
    const first = Math.max(0, Math.floor(centre - support + 0.5));
    const end = Math.min(from, Math.floor(centre + support + 0.5));
    const weights = Array.from({ length: end - first }, (_, k) => weight(first + k + 0.5 - centre));
    const sum = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((value) => value / sum) };
  });
}

interface Steps {
  line: number;
  pixel: number;
}

/** Interpolates within each line; the steps define whether a line is a row or a column. */
function interpolate(
  source: Uint8Array,
  lines: number,
  pixels: Taps[],
  { from, to }: { from: Steps; to: Steps },
): Uint8Array {
  const result = new Uint8ClampedArray(lines * pixels.length * 3);
  // The inner loops use no iterators, which are three times as slow until V8 has optimised them.
  for (const [pixel, { first, weights }] of pixels.entries()) {
    for (let line = 0; line < lines; line++) {
      const start = line * from.line + first * from.pixel;
      const target = line * to.line + pixel * to.pixel;
      for (let channel = 0; channel < 3; channel++) {
        let value = 0;
        let at = start + channel;
        for (let tap = 0; tap < weights.length; tap++, at += from.pixel)
          value += (weights[tap] ?? 0) * (source[at] ?? 0);
        result[target + channel] = value;
      }
    }
  }
  return new Uint8Array(result.buffer);
}

interface KernelFunction {
  /** Radius of the kernel, in source pixels. */
  support: number;
  weight: (distance: number) => number;
}

const IDENTITY: KernelFunction = { support: 0.5, weight: () => 1 };

const KERNEL_FUNCTIONS: Readonly<Record<Kernel, KernelFunction>> = {
  linear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  cubic: { support: 2, weight: (x) => bicubic(Math.abs(x), 0, 0.5) },
  mitchell: { support: 2, weight: (x) => bicubic(Math.abs(x), 1 / 3, 1 / 3) },
  lanczos2: { support: 2, weight: (x) => lanczos(x, 2) },
  lanczos3: { support: 3, weight: (x) => lanczos(x, 3) },
};

/** The Mitchell-Netravali family of kernels; (0, 0.5) is Catmull-Rom, Pillow's BICUBIC. */
function bicubic(x: number, b: number, c: number): number {
  if (x < 1)
    return ((12 - 9 * b - 6 * c) * x ** 3 + (-18 + 12 * b + 6 * c) * x ** 2 + 6 - 2 * b) / 6;
  if (x >= 2) return 0;
  return (
    (-(b + 6 * c) * x ** 3 + (6 * b + 30 * c) * x ** 2 - (12 * b + 48 * c) * x + 8 * b + 24 * c) / 6
  );
}

const lanczos = (x: number, lobes: number) => (Math.abs(x) < lobes ? sinc(x) * sinc(x / lobes) : 0);
const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
