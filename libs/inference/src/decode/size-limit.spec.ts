import { describe, expect, it } from 'vitest';

import { sizeFault } from './size-limit.ts';

const MAX_PIXELS = 201_326_592;

describe('sizeFault accepts images of phones', () => {
  it.each([
    ['JPEG', 'of 12 megapixels', 4032, 3024],
    ['JPEG', 'of 50 megapixels', 8160, 6144],
    ['JPEG', 'of 108 megapixels', 12000, 9000],
    ['JPEG', 'of 200 megapixels', 16320, 12240],
    ['PNG', 'of 50 megapixels', 8160, 6144],
    ['WebP', 'of 50 megapixels', 8160, 6144],
    ['AVIF', 'of 50 megapixels', 6144, 8160],
    ['PNG', 'of a screen, very long', 1440, 100_000],
  ] as const)('%s %s', (format, _, width, height) => {
    expect(sizeFault(format, { width, height }, MAX_PIXELS)).toBeUndefined();
  });
});

describe('sizeFault rejects images that need too much time or memory', () => {
  it.each([
    ['PNG', 1, 49_000_000, 'the limit is 250000 on a side. Crop it.'],
    ['TIFF', 49_000_000, 1, 'the limit is 250000 on a side. Crop it.'],
    ['JPEG', 20_000, 20_000, 'the limit is 201326592. Make it smaller.'],
    // Decoders that use 10 or 20 bytes per pixel have a lower limit.
    ['WebP', 12_000, 9_000, 'the limit is 100663296. Make it smaller.'],
    ['GIF', 8_000, 8_000, 'the limit is 50331648. Make it smaller.'],
    ['AVIF', 8_000, 8_000, 'the limit is 50331648. Make it smaller.'],
  ] as const)('%s of %i x %i', (format, width, height, end) => {
    expect(sizeFault(format, { width, height }, MAX_PIXELS)).toBe(
      `The ${format} image has ${width} x ${height} pixels; ${end}`,
    );
  });
});
