import { numbers, TAG, type TiffDirectory } from '@labelfleet/contracts/image-file';

import { fault, type Fault } from './prepared.ts';

/** The compressions that sharp's libtiff decodes correctly in strips and tiles. */
const COMPRESSIONS = [1, 2, 3, 4, 5, 7, 8, 32771, 32773, 32946, 50001];

const JPEG = 7;
/** libtiff does not report damage of these in tiles. */
const CCITT = [2, 3, 4, 32771];

/** Names for error texts; from the list of the Library of Congress and libtiff's tiff.h. */
const OTHER_COMPRESSIONS: Readonly<Record<number, string>> = {
  6: 'old-style JPEG',
  9: 'JBIG (T.85)',
  10: 'JBIG (T.43)',
  32766: 'NeXT',
  32809: 'ThunderScan',
  32908: 'PixarFilm',
  32909: 'PixarLog',
  32947: 'DCS',
  33003: 'JPEG 2000 (Aperio)',
  33004: 'JPEG 2000',
  33005: 'JPEG 2000 (Aperio)',
  34661: 'JBIG',
  34676: 'SGI LogLuv',
  34677: 'SGI LogLuv',
  34712: 'JPEG 2000',
  34713: 'Nikon',
  34887: 'LERC',
  34892: 'lossy JPEG (DNG)',
  34925: 'LZMA',
  50000: 'Zstandard',
  50002: 'JPEG XL',
  52546: 'JPEG XL',
};

const SAMPLE_FORMATS: Readonly<Record<number, string>> = {
  2: 'signed integer',
  3: 'floating-point',
  5: 'complex integer',
  6: 'complex floating-point',
};

/** Number of colour samples: white is zero, black is zero, RGB, palette, separated (CMYK), YCbCr, CIE L*a*b*. */
const COLOUR_SAMPLES: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 3,
  3: 1,
  5: 4,
  6: 3,
  8: 3,
};

const OTHER_COLOURS: Readonly<Record<number, string>> = {
  4: 'a transparency mask',
  9: 'ICC L*a*b*',
  10: 'ITU L*a*b*',
  32844: 'LogL',
  32845: 'LogLuv',
};

export interface Samples {
  kind: 'samples';
  /** The ExtraSamples value of each sample after the colours; 0 if it has none. */
  extra: number[];
}

const ADVICE = 'Save it as 8-bit RGB with deflate or LZW compression.';
const unsupported = (what: string) => fault(`${what} is not supported in TIFF images. ${ADVICE}`);

/** Reads the samples of a pixel, or names the feature that is not supported. */
export function readSamples(bytes: Uint8Array, directory: TiffDirectory): Samples | Fault {
  const all = (tag: number) => numbers(bytes, directory, tag);
  const [compression = 1] = all(TAG.compression);
  if (!COMPRESSIONS.includes(compression)) {
    const name = OTHER_COMPRESSIONS[compression];
    return unsupported(
      name === undefined ? `Compression ${compression}` : `${name} compression (${compression})`,
    );
  }
  const [colour] = all(TAG.photometric);
  const bits = all(TAG.bitsPerSample);
  const [depth = 1] = bits;
  const [format = 1] = all(TAG.sampleFormat).filter((value) => value !== 1 && value !== 4);
  const name = SAMPLE_FORMATS[format];
  // The a* and b* samples of L*a*b* are signed, so a signed format is correct.
  if (name !== undefined && !(colour === 8 && format === 2)) {
    return unsupported(`A ${depth}-bit ${name} sample`);
  }
  if (bits.some((other) => other !== depth)) {
    return unsupported(`A pixel with samples of ${bits.join(', ')} bits`);
  }
  const colours = COLOUR_SAMPLES[colour ?? NaN];
  if (colour === undefined || colours === undefined) {
    const colourName = OTHER_COLOURS[colour ?? NaN];
    return unsupported(colourName ?? `Photometric interpretation ${colour ?? 'none'}`);
  }
  const isSmall = colours === 1 && [1, 2, 4].includes(depth);
  if (!isSmall && depth !== 8 && depth !== 16) return unsupported(`A sample of ${depth} bits`);
  if (colour === 5 && (all(TAG.inkSet)[0] ?? 1) !== 1)
    return unsupported('An ink set other than CMYK');
  const [samples = 1] = all(TAG.samplesPerPixel);
  const extra = Array.from({ length: samples - colours }, (_, i) => all(TAG.extraSamples)[i] ?? 0);
  if (samples < colours) {
    return fault(
      `The TIFF image is damaged: it has ${samples} samples per pixel, but its colours need ${colours}.`,
    );
  }
  if (isSmall && extra.length > 0) return unsupported(`An extra sample beside ${depth}-bit ones`);
  const isSubsampled = all(TAG.subsampling).some((factor) => factor !== 1);
  // libvips would treat it as RGB. Without the field, the factors are 2.
  if (
    colour === 6 &&
    compression !== JPEG &&
    directory.fields.has(TAG.subsampling) &&
    !isSubsampled
  ) {
    return unsupported('YCbCr without subsampling or JPEG compression');
  }
  if (colour === 8 && depth === 8) return unsupported('A CIE L*a*b* sample of 8 bits');
  const isTiled = directory.fields.has(TAG.tileOffsets);
  if (isTiled && CCITT.includes(compression)) return unsupported('A tile with CCITT compression');
  if (isTiled && samples > 1 && all(TAG.planarConfiguration)[0] === 2) {
    return unsupported('A tile of one colour (separate planes)');
  }
  return { kind: 'samples', extra };
}
