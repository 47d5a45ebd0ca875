import { TAG } from '@labelfleet/contracts/image-file';
import sharp from 'sharp';
import type { TiffOptions } from 'sharp';
import { describe, expect, it } from 'vitest';

import { pixelAt, pixelsOf, refusalOf } from '../../testing/decode-pixels.ts';
import { plain, textured } from '../../testing/images.ts';
import { piecesOf, withFieldFor, withFields } from '../../testing/tiff-fields.ts';

const TILES = { tile: true, tileWidth: 64, tileHeight: 64 } as const;
const tiff = (options: TiffOptions = {}) => textured(160, 120).tiff(options).toBuffer();
const CHECKED = ['deflate', 'lzw', 'jpeg'] as const;

describe.each([
  ['strips', {}],
  ['tiles', TILES],
] as const)('in %s', (_, layout) => {
  it.each(['none', 'deflate', 'lzw', 'packbits', 'jpeg', 'webp'] as const)(
    '%s is decoded',
    async (compression) => {
      const { width, height } = await pixelsOf(await tiff({ ...layout, compression, quality: 90 }));
      expect([width, height]).toEqual([160, 120]);
    },
  );

  const DAMAGES: Record<string, (piece: Buffer) => void> = {
    'all of it': (piece) => void piece.fill(0),
    'its head': (piece) => void piece.fill(0x55, 0, 8),
    'its end': (piece) => void piece.fill(0, Math.floor(piece.length * 0.75)),
  };
  const rows = CHECKED.flatMap((compression) =>
    Object.entries(DAMAGES).map(([name, damage]) => ({ compression, name, damage })),
  );
  it.each(rows)('$compression damaged in $name is refused', async ({ compression, damage }) => {
    const bytes = await tiff({ ...layout, compression });
    const [, piece] = [...piecesOf(bytes), ...piecesOf(bytes)];
    damage(bytes.subarray(piece?.at, piece?.end));
    expect(await refusalOf(bytes)).toMatch(/^The TIFF image is damaged: .+\.$/);
  });

  it('deflate data with a wrong checksum is rejected', async () => {
    const bytes = await tiff({ ...layout, compression: 'deflate' });
    const { at = 0, end = 0 } = piecesOf(bytes)[0] ?? {};
    bytes[end - 1] = (bytes[end - 1] ?? 0) ^ 0xff;
    expect(await refusalOf(bytes)).toMatch(/deflate data of (tile|strip) 0 is wrong/);
    expect(at).toBeLessThan(end);
  });

  it('a piece that is empty or beyond the end of the file is rejected', async () => {
    const bytes = await tiff({ ...layout, compression: 'lzw' });
    const isTiled = 'tile' in layout;
    const counts = isTiled ? TAG.tileByteCounts : TAG.stripByteCounts;
    const offsets = isTiled ? TAG.tileOffsets : TAG.stripOffsets;
    expect(await refusalOf(withFields(bytes, { [counts]: 0 }))).toMatch('is empty');
    const beyond = withFields(bytes, { [offsets]: 0xffff });
    expect(await refusalOf(beyond)).toMatch(/ends early: (tile|strip) \d is incomplete/);
  });
});

describe('an unsupported feature is rejected by name', () => {
  it.each([
    [6, 'old-style JPEG compression (6)'],
    [34661, 'JBIG compression (34661)'],
    [34712, 'JPEG 2000 compression (34712)'],
    [34887, 'LERC compression (34887)'],
    [34925, 'LZMA compression (34925)'],
    [50000, 'Zstandard compression (50000)'],
    [50002, 'JPEG XL compression (50002)'],
    [12345, 'Compression 12345'],
  ])('compression %i, in strips and tiles', async (compression, name) => {
    for (const layout of [{}, TILES]) {
      const bytes = withFields(await tiff({ ...layout, compression: 'none' }), {
        [TAG.compression]: compression,
      });
      expect(await refusalOf(bytes)).toBe(
        `${name} is not supported in TIFF images. Save it as 8-bit RGB with deflate or LZW compression.`,
      );
    }
  });

  it.each([
    ['signed integers', { [TAG.sampleFormat]: 2 }, 'A 8-bit signed integer sample'],
    [
      '32-bit floats',
      { [TAG.sampleFormat]: 3, [TAG.bitsPerSample]: 32 },
      'A 32-bit floating-point sample',
    ],
    ['complex numbers', { [TAG.sampleFormat]: 6 }, 'A 8-bit complex floating-point sample'],
    ['32-bit integers', { [TAG.bitsPerSample]: 32 }, 'A sample of 32 bits'],
    ['12-bit integers', { [TAG.bitsPerSample]: 12 }, 'A sample of 12 bits'],
    ['LogLuv', { [TAG.photometric]: 32845 }, 'LogLuv'],
    ['8-bit L*a*b*', { [TAG.photometric]: 8 }, 'A CIE L*a*b* sample of 8 bits'],
  ])('%s', async (_, fields, name) => {
    const bytes = withFields(await tiff({ compression: 'none' }), fields);
    expect(await refusalOf(bytes)).toMatch(`${name} is not supported in TIFF images.`);
  });
});

it('YCbCr that libvips would treat as RGB is rejected', async () => {
  const bytes = withFields(await tiff({ compression: 'lzw' }), { [TAG.photometric]: 6 });
  const RESOLUTION = 283;
  expect(await refusalOf(withFieldFor(bytes, RESOLUTION, TAG.subsampling, [1, 1]))).toMatch(
    'YCbCr without subsampling or JPEG compression is not supported',
  );
});

describe('a fourth sample', () => {
  const rgba = async (layout: TiffOptions) =>
    await plain('#204060', { width: 64, height: 64 })
      .ensureAlpha(0.25)
      .tiff({ ...layout, compression: 'lzw' })
      .toBuffer();

  it.each([
    ['strips', {}],
    ['tiles', TILES],
  ])('that is unspecified is not used as alpha, in %s', async (_, layout) => {
    const bytes = withFields(await rgba(layout), { [TAG.extraSamples]: 0 });
    expect(pixelAt(await pixelsOf(bytes), 3, 3)).toEqual([32, 64, 96]);
  });

  it('that is alpha is blended with white', async () => {
    expect(pixelAt(await pixelsOf(await rgba({})), 3, 3)).toEqual([199, 207, 215]);
  });
});

it('an image with too many tiles is rejected', async () => {
  const bytes = withFields(await tiff({ ...TILES, compression: 'lzw' }), {
    [TAG.width]: 8_000,
    [TAG.height]: 8_000,
    [TAG.tileWidth]: 16,
    [TAG.tileHeight]: 16,
  });
  expect(await refusalOf(bytes)).toMatch('has 250000 tiles; the limit is 200000.');
});

it('only the first page is decoded, so damage to later ones does not matter', async () => {
  const bytes = await plain('#204060').tiff({ compression: 'none' }).toBuffer();
  const entries = bytes.readUInt32LE(4);
  // The offset of the next directory follows the entries.
  bytes.writeUInt32LE(bytes.length - 2, entries + 2 + 12 * bytes.readUInt16LE(entries));
  expect(pixelAt(await pixelsOf(bytes), 0, 0)).toEqual([32, 64, 96]);
});

it.each([
  ['1-bit', () => textured().threshold().toColourspace('b-w').tiff({ bitdepth: 1 })],
  ['2-bit', () => textured().toColourspace('b-w').tiff({ bitdepth: 2 })],
  ['4-bit', () => textured().toColourspace('b-w').tiff({ bitdepth: 4 })],
  ['16-bit', () => textured().toColourspace('rgb16').tiff({ compression: 'deflate' })],
  [
    'CCITT T.6',
    () =>
      textured().threshold().toColourspace('b-w').tiff({ bitdepth: 1, compression: 'ccittfax4' }),
  ],
  [
    'white is zero',
    () => textured().threshold().toColourspace('b-w').tiff({ bitdepth: 1, miniswhite: true }),
  ],
  ['CMYK', () => textured().toColourspace('cmyk').tiff({ compression: 'lzw' })],
  ['16-bit L*a*b*', () => textured().toColourspace('labs').tiff({ compression: 'none' })],
  ['BigTIFF', () => textured().tiff({ bigtiff: true })],
])('%s samples are decoded as libvips decodes them', async (_, encode) => {
  const bytes = await encode().toBuffer();
  const expected = await sharp(bytes).toColourspace('srgb').raw().toBuffer();
  const { data } = await pixelsOf(bytes);
  const step = expected.length / (96 * 72);
  // libvips writes one channel for grey files.
  data.forEach((value, i) => {
    const at = step === 1 ? Math.floor(i / 3) : i;
    if (Math.abs(value - (expected[at] ?? NaN)) > 1) throw new Error(`Sample ${i} is ${value}.`);
  });
});
