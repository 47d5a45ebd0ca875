import sharp, { type Sharp } from 'sharp';

import type { Channels } from './prepare/prepared.ts';

/** Keeps only red, green, blue and alpha, because libvips treats the last channel as alpha and resizes with it. */
export async function withoutExtraChannels(image: Sharp, { alpha }: Channels): Promise<Sharp> {
  const { data, info } = await image
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const kept = alpha === undefined ? [0, 1, 2] : [0, 1, 2, alpha];
  const channels = kept.length as 3 | 4;
  const pixels = new Uint8Array(width * height * channels);
  kept.forEach((channel, i) => {
    for (let from = channel, to = i; from < data.length; from += info.channels, to += channels) {
      pixels[to] = data[from] ?? 0;
    }
  });
  return sharp(pixels, { raw: { width, height, channels }, limitInputPixels: false });
}
