import { identifyImage, type ImageFormat } from '@labelfleet/contracts/image-file';
import sharp, { type Sharp } from 'sharp';

import type { BadImage } from '../classifier.ts';
import { upscale } from './upscale.ts';
import { explain } from './explain.ts';
import { withoutExtraChannels } from './extra-channels.ts';
import { planGeometry, type Geometry, type Size } from './geometry.ts';
import { sizeFault } from './size-limit.ts';
import { blockOtherLoaders } from './loaders.ts';
import type { ModelInput } from '../model/manifest.ts';
import { Mutex } from './mutex.ts';
import { prepare } from './prepare/prepare.ts';
import type { Prepared } from './prepare/prepared.ts';
import type { Raster } from './raster.ts';

/** The colour behind transparent pixels. */
const BACKGROUND = '#ffffff';

// These settings apply to the whole process. Each process of the pool decodes one image, so more threads per image
// would take cores from the others. No image is decoded twice, so a cache would waste memory.
sharp.concurrency(1);
sharp.cache(false);
blockOtherLoaders();

const mutex = new Mutex();

export type Decoded = { kind: 'decoded'; raster: Raster };

/**
 * Decodes the first frame of an image as a viewer shows it: upright (EXIF), in sRGB (with its colour profile, if
 * any), on white where it is transparent. Resizes and crops it to the input of the network. Never rejects because
 * of the bytes.
 * @param maxPixels limit of width x height; larger images are rejected by their header, before decoding
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
  return await mutex.run(async () => {
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
  // The limit of libvips is off, because the error of sizeFault is clearer.
  const header = await sharp(image.bytes, { limitInputPixels: false }).metadata();
  const upright = header.autoOrient;
  // Removing extra channels needs all pixels in memory.
  const limit = image.channels === undefined ? maxPixels : Math.floor(maxPixels / 4);
  const fault = sizeFault(format, upright, limit);
  if (fault !== undefined) return bad('too-many-pixels', fault);
  const geometry = planGeometry(upright, input);
  // Without a crop, a network of any size would get a whole long strip upscaled.
  if (geometry !== undefined && input.crop === 'none' && pixels(geometry.resized) > maxPixels) {
    const { width, height } = geometry.resized;
    return bad(
      'too-many-pixels',
      `The image would be upscaled to ${width} x ${height} pixels; the limit is ${maxPixels}. Crop it.`,
    );
  }
  const damage = image.verify();
  if (damage !== undefined) return bad('undecodable', damage.detail);
  if (image.isAnimated && header.hasAlpha && (await isTransparent(image))) {
    return bad(
      'undecodable',
      `The first frame of the ${format} image is fully transparent. Send an image with visible content.`,
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
  // Without fastShrinkOnLoad, the kernel does at least half of the reduction, and the result differs from a resize of
  // the full image by about 3 of 255; with it, by up to 40, and it saves only 0.5 ms.
  image.resize({ width, height, fit: 'fill', kernel, fastShrinkOnLoad: false });
  const isReduced = width === resized.width && height === resized.height;
  return isReduced
    ? await pixelsOf(image.extract(window))
    : upscale(await pixelsOf(image), resized, kernel, window);
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
