import { isAvif } from './avif.ts';
import { readGif } from './gif.ts';
import { isJpeg } from './jpeg.ts';
import { nameOther } from './other-formats.ts';
import { isAnimatedPng, isPng } from './png.ts';
import { isTiff } from './tiff.ts';
import { isWebp } from './webp.ts';

export type ImageFormat = 'JPEG' | 'PNG' | 'WebP' | 'GIF' | 'AVIF' | 'TIFF';

export type Identified =
  | { kind: 'image'; format: ImageFormat; mediaType: string }
  /** `guess` is empty, or a sentence on what the file seems to be; that may be an image too, as HEIC is. */
  | { kind: 'other'; isImage: boolean; guess: string };

/** By the structure of the container: a signature alone is also found in front of other formats. */
const TYPES: readonly (readonly [ImageFormat, string, (bytes: Uint8Array) => boolean])[] = [
  ['JPEG', 'image/jpeg', isJpeg],
  ['PNG', 'image/apng', (bytes) => isPng(bytes) && isAnimatedPng(bytes)],
  ['PNG', 'image/png', isPng],
  ['WebP', 'image/webp', isWebp],
  ['GIF', 'image/gif', (bytes) => readGif(bytes) !== undefined],
  ['AVIF', 'image/avif', isAvif],
  ['TIFF', 'image/tiff', isTiff],
];

/**
 * What a file is by its own bytes. The gateway and whoever decodes ask this function, so that nothing but
 * the six formats comes near a decoder. A file that ends early, or is damaged behind its head, is still of
 * its type.
 */
export function identifyImage(bytes: Uint8Array): Identified {
  const type = TYPES.find(([, , matches]) => matches(bytes));
  if (type !== undefined) return { kind: 'image', format: type[0], mediaType: type[1] };
  const seems = nameOther(bytes);
  return {
    kind: 'other',
    isImage: /image|drawing|icon/.test(seems ?? ''),
    guess: seems === undefined ? '' : `It seems to be ${seems}.`,
  };
}
