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
  /** `guess` is empty or a sentence that names the likely format, which can be an image format such as HEIC. */
  | { kind: 'other'; isImage: boolean; guess: string };

/** Checks the structure of the container, because a signature alone can precede any content. */
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
 * Identifies the format of a file from its bytes. The gateway and the classifier both call it, so that only the six
 * supported formats reach a decoder. A file that ends early, or is damaged after its header, keeps its type.
 */
export function identifyImage(bytes: Uint8Array): Identified {
  const type = TYPES.find(([, , matches]) => matches(bytes));
  if (type !== undefined) return { kind: 'image', format: type[0], mediaType: type[1] };
  const name = nameOther(bytes);
  return {
    kind: 'other',
    isImage: /image|drawing|icon/.test(name ?? ''),
    guess: name === undefined ? '' : `It seems to be ${name}.`,
  };
}
