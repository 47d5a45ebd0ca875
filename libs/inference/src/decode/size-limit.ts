import type { ImageFormat } from '@labelfleet/contracts/image-file';

import type { Size } from './geometry.ts';

/**
 * Each row costs at least 0.3 microseconds: 49 million rows of one pixel took half a minute. Columns cost memory:
 * libvips keeps about 200 rows at 8 bytes per pixel.
 */
const MAX_SIDE = 250_000;

/**
 * The share of the limit for each format, by the memory of its decoder per pixel: almost none for JPEG and PNG, which
 * are decoded row by row (3 bytes if progressive or interlaced), 10 bytes for WebP and GIF, 20 for AVIF.
 */
const SHARES: Readonly<Record<ImageFormat, number>> = {
  JPEG: 1,
  PNG: 1,
  TIFF: 1,
  WebP: 1 / 2,
  GIF: 1 / 4,
  AVIF: 1 / 4,
};

/** Why an image of this size would take too much time or memory; undefined if it would not. */
export function sizeFault(
  format: ImageFormat,
  { width, height }: Size,
  maxPixels: number,
): string | undefined {
  const size = `The ${format} image has ${width} x ${height} pixels`;
  const pixels = width * height;
  const limit = Math.floor(maxPixels * SHARES[format]);
  if (pixels > limit) return `${size}; the limit is ${limit}. Make it smaller.`;
  if (Math.max(width, height) > MAX_SIDE) {
    return `${size}; the limit is ${MAX_SIDE} on a side. Crop it.`;
  }
  return undefined;
}
