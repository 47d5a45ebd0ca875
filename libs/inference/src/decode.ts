import sharp, { type Sharp } from 'sharp';

import type { BadImage } from './classifier.ts';
import { enlarge } from './enlarge.ts';
import { planGeometry, type Geometry, type Size } from './geometry.ts';
import type { ModelInput } from './manifest.ts';
import type { Raster } from './preprocess.ts';
import { sniff } from './sniff.ts';

/** What shows through transparent pixels. */
const BACKGROUND = '#ffffff';

// For the whole process. A pool decodes one picture on each of its threads: more threads within one picture
// only take cores from the others. Nothing is decoded twice, so a cache of operations holds memory for nothing.
sharp.concurrency(1);
sharp.cache(false);

export type Decoded = { kind: 'decoded'; raster: Raster };

/**
 * Decodes a picture as a person sees it: upright (EXIF), in sRGB (by its own colour profile, where it has
 * one), its first frame, on white where it is transparent; resized and cropped to the network's input.
 * Never rejects for what the bytes are.
 * @param maxPixels width x height, by the header: larger pictures are refused before anything is decoded
 */
export async function decode(
  bytes: Uint8Array,
  input: Pick<ModelInput, 'width' | 'height' | 'resize' | 'crop'>,
  maxPixels: number,
): Promise<Decoded | BadImage> {
  const mediaType = await sniff(bytes);
  if (mediaType === undefined) {
    return bad('unsupported-type', 'The file is not a JPEG, PNG, WebP, GIF, AVIF or TIFF picture.');
  }
  try {
    // libvips's own limit is off here, as it would speak first and less clearly.
    const header = await sharp(bytes, { limitInputPixels: false }).metadata();
    const upright = header.autoOrient;
    const geometry = planGeometry(upright, input);
    if (pixels(upright) > maxPixels) return tooManyPixels(upright, maxPixels);
    // A network of any size would be given all of a long strip enlarged.
    if (geometry !== undefined && input.crop === 'none' && pixels(geometry.resized) > maxPixels) {
      return tooManyPixels(geometry.resized, maxPixels);
    }
    return { kind: 'decoded', raster: await render(bytes, upright, geometry, maxPixels) };
  } catch (error) {
    return bad(
      'undecodable',
      `The ${nameOf(mediaType)} picture cannot be decoded: ${reasonOf(error)}.`,
    );
  }
}

async function render(
  bytes: Uint8Array,
  upright: Size,
  geometry: Geometry | undefined,
  maxPixels: number,
): Promise<Raster> {
  const picture = sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error', pages: 1 })
    .autoOrient()
    .flatten({ background: BACKGROUND })
    .toColourspace('srgb');
  if (geometry === undefined) return await pixelsOf(picture);
  const { resized, kernel, window } = geometry;
  const width = Math.min(resized.width, upright.width);
  const height = Math.min(resized.height, upright.height);
  // Without fastShrinkOnLoad half of the reduction at least is the kernel's, and the result is within some
  // 3 of 255 of a resize of the full picture; with it up to 40, for half a millisecond less.
  picture.resize({ width, height, fit: 'fill', kernel, fastShrinkOnLoad: false });
  const isReduced = width === resized.width && height === resized.height;
  return isReduced
    ? await pixelsOf(picture.extract(window))
    : enlarge(await pixelsOf(picture), resized, kernel, window);
}

async function pixelsOf(picture: Sharp): Promise<Raster> {
  const { data, info } = await picture
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

const pixels = ({ width, height }: Size) => width * height;

const tooManyPixels = ({ width, height }: Size, maxPixels: number) =>
  bad(
    'too-many-pixels',
    `The picture has ${width} x ${height} pixels; at most ${maxPixels} are taken.`,
  );

const bad = (reason: BadImage['reason'], detail: string): BadImage => ({
  kind: 'bad-image',
  reason,
  detail,
});

const nameOf = (mediaType: string) => mediaType.replace('image/', '').toUpperCase();

/** libvips gives a line per library that had something to say; the first names the fault. */
function reasonOf(error: unknown): string {
  const [line = ''] = String(error instanceof Error ? error.message : error).split('\n');
  return line.replace(/^Input buffer /, 'it ').replace(/\.$/, '');
}
