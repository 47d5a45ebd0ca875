import { identifyImage, type ImageFormat } from '@labelfleet/contracts/image-file';
import sharp, { type Sharp } from 'sharp';

import type { BadImage } from './classifier.ts';
import { enlarge } from './upscale.ts';
import { explain } from './explain.ts';
import { withoutExtraChannels } from './extra-channels.ts';
import { planGeometry, type Geometry, type Size } from './geometry.ts';
import { excess } from './size-limit.ts';
import { blockOtherLoaders } from './loaders.ts';
import type { ModelInput } from './manifest.ts';
import { OneAtATime } from './mutex.ts';
import { prepare } from './prepare/prepare.ts';
import type { Prepared } from './prepare/prepared.ts';
import type { Raster } from './preprocess.ts';

/** What shows through transparent pixels. */
const BACKGROUND = '#ffffff';

// For the whole process. A pool decodes one image on each of its threads: more threads within one image
// only take cores from the others. Nothing is decoded twice, so a cache of operations holds memory for nothing.
sharp.concurrency(1);
sharp.cache(false);
blockOtherLoaders();

const decodes = new OneAtATime();

export type Decoded = { kind: 'decoded'; raster: Raster };

/**
 * Decodes an image as a person sees it: upright (EXIF), in sRGB (by its own colour profile, where it has
 * one), its first frame, on white where it is transparent; resized and cropped to the network's input.
 * Never rejects for what the bytes are.
 * @param maxPixels width x height, by the header: larger images are refused before anything is decoded
 */
export async function decode(
  bytes: Uint8Array,
  input: Pick<ModelInput, 'width' | 'height' | 'resize' | 'crop'>,
  maxPixels: number,
): Promise<Decoded | BadImage> {
  const type = identifyImage(bytes);
  if (type.kind === 'other') {
    const text = `The file is not a JPEG, PNG, WebP, GIF, AVIF or TIFF image. ${type.guess}`;
    return bad('unsupported-type', text.trimEnd());
  }
  const image = prepare(bytes, type.format);
  if (image.kind === 'fault') return bad('undecodable', image.detail);
  return await decodes.run(async () => {
    try {
      return await decodePrepared(image, type.format, input, maxPixels);
    } catch (error) {
      return bad('undecodable', explain(bytes, type.format, error));
    }
  });
}

async function decodePrepared(
  image: Prepared,
  format: ImageFormat,
  input: Pick<ModelInput, 'width' | 'height' | 'resize' | 'crop'>,
  maxPixels: number,
): Promise<Decoded | BadImage> {
  // libvips's own limit is off here, as it would speak first and less clearly.
  const header = await sharp(image.bytes, { limitInputPixels: false }).metadata();
  const upright = header.autoOrient;
  // Extra channels are taken out of all pixels at once.
  const limit = image.channels === undefined ? maxPixels : Math.floor(maxPixels / 4);
  const tooMuch = excess(format, upright, limit);
  if (tooMuch !== undefined) return bad('too-many-pixels', tooMuch);
  const geometry = planGeometry(upright, input);
  // A network of any size would be given all of a long strip enlarged.
  if (geometry !== undefined && input.crop === 'none' && pixels(geometry.resized) > maxPixels) {
    const { width, height } = geometry.resized;
    return bad(
      'too-many-pixels',
      `The image would be enlarged to ${width} x ${height} pixels; the limit is ${maxPixels}. Crop it.`,
    );
  }
  const damage = image.verify();
  if (damage !== undefined) return bad('undecodable', damage.detail);
  if (image.isAnimated && header.hasAlpha && (await isTransparent(image))) {
    return bad(
      'undecodable',
      `The first frame of the ${format} image is empty: all of it is transparent.`,
    );
  }
  return { kind: 'decoded', raster: await render(await open(image), upright, geometry) };
}

async function isTransparent({ bytes }: Prepared): Promise<boolean> {
  const image = sharp(bytes, { limitInputPixels: false, pages: 1 }).extractChannel('alpha');
  return (await image.raw({ depth: 'uchar' }).toBuffer()).every((alpha) => alpha === 0);
}

async function open({ bytes, failOn, channels }: Prepared): Promise<Sharp> {
  const image = sharp(bytes, { limitInputPixels: false, failOn, pages: 1 }).autoOrient();
  return channels === undefined ? image : await withoutExtraChannels(image, channels);
}

async function render(
  image: Sharp,
  upright: Size,
  geometry: Geometry | undefined,
): Promise<Raster> {
  image.flatten({ background: BACKGROUND }).toColourspace('srgb');
  if (geometry === undefined) return await pixelsOf(image);
  const { resized, kernel, window } = geometry;
  const width = Math.min(resized.width, upright.width);
  const height = Math.min(resized.height, upright.height);
  // Without fastShrinkOnLoad half of the reduction at least is the kernel's, and the result is within some
  // 3 of 255 of a resize of the full image; with it up to 40, for half a millisecond less.
  image.resize({ width, height, fit: 'fill', kernel, fastShrinkOnLoad: false });
  const isReduced = width === resized.width && height === resized.height;
  return isReduced
    ? await pixelsOf(image.extract(window))
    : enlarge(await pixelsOf(image), resized, kernel, window);
}

async function pixelsOf(image: Sharp): Promise<Raster> {
  const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

const pixels = ({ width, height }: Size) => width * height;

const bad = (reason: BadImage['reason'], detail: string): BadImage => ({
  kind: 'bad-image',
  reason,
  detail,
});
