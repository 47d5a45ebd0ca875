import type { ImageFormat } from '@labelfleet/contracts/image-file';

import type { Size } from './geometry.ts';

/**
 * Rows cost time, 0.3 microseconds and more each: 49 million rows of one pixel took half a minute. Columns
 * cost memory: libvips holds some 200 rows at 8 bytes a pixel.
 */
const MAX_SIDE = 250_000;

/**
 * The share of the limit that a format may use, by the memory that its decoder holds for a pixel: next to
 * nothing of a JPEG or PNG, which come row by row (3 bytes if progressive or interlaced), 10 bytes of WebP
 * and GIF, 20 of AVIF.
 */
const SHARES: Readonly<Record<ImageFormat, number>> = {
  JPEG: 1,
  PNG: 1,
  TIFF: 1,
  WebP: 1 / 2,
  GIF: 1 / 4,
  AVIF: 1 / 4,
};

/** Why an image would take too much time or memory, by its header; undefined where it would not. */
export function excess(
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
