import sharp from 'sharp';
import { readFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

import { decode } from './decode.ts';
import { plain, textured } from '../testing/images.ts';

const asItIs = { width: null, height: null, resize: { mode: 'none' }, crop: 'none' } as const;
const squared = {
  width: 32,
  height: 32,
  resize: { mode: 'shorter-side', size: 32, kernel: 'lanczos3' },
  crop: 'center',
} as const;
const maxPixels = 50_000_000;

const pixelsOf = async (bytes: Uint8Array) => {
  const decoded = await decode(bytes, asItIs, maxPixels);
  if (decoded.kind !== 'decoded') throw new Error(decoded.detail);
  return decoded.raster;
};
const firstPixel = async (bytes: Uint8Array) => [...(await pixelsOf(bytes)).data.subarray(0, 3)];

describe('decode decodes every supported format', () => {
  it.each([
    ['JPEG', () => textured().jpeg()],
    ['progressive JPEG', () => textured().jpeg({ progressive: true })],
    ['PNG', () => textured().png()],
    ['interlaced PNG', () => textured().png({ progressive: true })],
    ['WebP', () => textured().webp()],
    ['lossless WebP', () => textured().webp({ lossless: true })],
    ['GIF', () => textured().gif()],
    ['AVIF', () => textured().avif({ effort: 0 })],
    ['TIFF', () => textured().tiff()],
  ])('%s', async (_, encode) => {
    const { width, height, data } = await pixelsOf(await encode().toBuffer());
    expect([width, height, data.length]).toEqual([96, 72, 96 * 72 * 3]);
  });
});

describe('decode converts every colour space to 8-bit RGB', () => {
  it.each([
    ['grey', () => plain('#808080').toColourspace('b-w').png(), [128, 128, 128]],
    ['16 bits a channel', () => plain('#102030').toColourspace('rgb16').png(), [16, 32, 48]],
    ['16-bit grey', () => plain('#808080').toColourspace('grey16').png(), [128, 128, 128]],
    ['a palette', () => plain('#c08040').png({ palette: true }), [192, 128, 64]],
    ['transparent on white', () => plain('#000').ensureAlpha(0).png(), [255, 255, 255]],
    ['half transparent', () => plain('#000').ensureAlpha(0.5).png(), [127, 127, 127]],
    [
      'transparent grey',
      () => plain('#000').toColourspace('b-w').ensureAlpha(0).png(),
      [255, 255, 255],
    ],
  ])('%s', async (_, encode, colour) => {
    const actual = await firstPixel(await encode().toBuffer());
    // 127.5 may be rounded up or down.
    actual.forEach((value, i) =>
      expect(Math.abs(value - (colour[i] ?? NaN))).toBeLessThanOrEqual(1),
    );
  });

  it('CMYK, neither inverted nor treated as RGB', async () => {
    const cmyk = await sharp({
      create: { width: 16, height: 16, channels: 3, background: '#e02020' },
    })
      .toColourspace('cmyk')
      .jpeg()
      .toBuffer();
    expect((await sharp(cmyk).metadata()).space).toBe('cmyk');
    const [red = 0, green = 0, blue = 0] = await firstPixel(cmyk);
    expect(red).toBeGreaterThan(180);
    expect(Math.max(green, blue)).toBeLessThan(90);
  });

  it("Adobe's inverted CMYK as Pillow writes it", async () => {
    const file = new URL('../../testing/golden/images/cmyk.jpg', import.meta.url);
    const { data, width } = await pixelsOf(readFileSync(file));
    const at = (x: number, y: number) => [
      ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
    ];
    const [sunRed = 0, , sunBlue = 0] = at(71, 20);
    expect(sunRed - sunBlue).toBeGreaterThan(100);
    const [grassRed = 0, grassGreen = 0] = at(48, 90);
    expect(grassGreen - grassRed).toBeGreaterThan(20);
  });

  it('colours of an embedded profile', async () => {
    const p3 = await plain('#c04040').withIccProfile('p3').png().toBuffer();
    const colour = await firstPixel(p3);
    colour.forEach((value, i) =>
      expect(Math.abs(value - [192, 64, 64][i]!)).toBeLessThanOrEqual(3),
    );
  });
});

it('rotates an image by its EXIF orientation', async () => {
  // Red is on the left; after a rotation by 90 degrees clockwise (6), red is on top.
  const bytes = await plain('#f00', { width: 8, height: 8 })
    .extend({ right: 8, background: '#00f' })
    .withExif({ IFD0: { Orientation: '6' } })
    .withMetadata({ orientation: 6 })
    .png()
    .toBuffer();
  const { width, height, data } = await pixelsOf(bytes);
  expect([width, height]).toEqual([8, 16]);
  expect([...data.subarray(0, 3)]).toEqual([255, 0, 0]);
  expect([...data.subarray(-3)]).toEqual([0, 0, 255]);
});

describe('decode rejects a bad image with a reason', () => {
  it.each([
    ['nothing', ''],
    ['text', 'The quick brown fox'],
    ['HTML', '<!doctype html><title>x</title>'],
    [
      'an SVG, which a library might draw',
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    ],
    ['a PDF', '%PDF-1.7\n'],
    ['a BMP', 'BM\x46\0\0\0\0\0\0\0\x36\0\0\0'],
    ['a video in the container of AVIF', '\0\0\0\x18ftypisom\0\0\0\0isommp42'],
  ])('%s: unsupported type', async (_, text) => {
    expect(await decode(Buffer.from(text, 'latin1'), squared, maxPixels)).toEqual({
      kind: 'bad-image',
      reason: 'unsupported-type',
      detail: expect.stringMatching(
        /^The file is not a JPEG, PNG, WebP, GIF, AVIF or TIFF image[.]/,
      ) as string,
    });
  });

  const encoders = {
    JPEG: () => textured(400, 300).jpeg().toBuffer(),
    PNG: () => textured(400, 300).png().toBuffer(),
    WebP: () => textured(400, 300).webp().toBuffer(),
    GIF: () => textured(400, 300).gif().toBuffer(),
    AVIF: () => textured(400, 300).avif({ effort: 0 }).toBuffer(),
  };
  it.each(Object.entries(encoders))('truncated %s: undecodable', async (type, encode) => {
    const whole = await encode();
    for (const share of [0.02, 0.5, 0.9]) {
      const bytes = whole.subarray(0, Math.floor(whole.length * share));
      expect(await decode(bytes, squared, maxPixels)).toMatchObject({
        kind: 'bad-image',
        reason: 'undecodable',
        detail: expect.stringMatching(
          `^The ${type} image ends early: [^\n]+[.] Send the whole file[.]$`,
        ) as string,
      });
    }
  });

  it('truncated TIFF: unsupported type, because its directory is at the end', async () => {
    const whole = await textured(400, 300).tiff().toBuffer();
    const bytes = whole.subarray(0, Math.floor(whole.length * 0.9));
    expect(await decode(bytes, squared, maxPixels)).toMatchObject({ reason: 'unsupported-type' });
  });

  it('600 bytes of a JPEG: undecodable', async () => {
    const bytes = (await encoders.JPEG()).subarray(0, 600);
    expect(await decode(bytes, squared, maxPixels)).toMatchObject({ reason: 'undecodable' });
  });

  it('more pixels than the limit in the header: too many pixels', async () => {
    expect(await decode(pngHeader(20_000, 20_000), squared, maxPixels)).toEqual({
      kind: 'bad-image',
      reason: 'too-many-pixels',
      detail: 'The PNG image has 20000 x 20000 pixels; the limit is 50000000. Make it smaller.',
    });
  });

  it('but not an image with exactly the limit of pixels', async () => {
    const bytes = await textured(40, 25).png().toBuffer();
    expect(await decode(bytes, squared, 1000)).toMatchObject({ kind: 'decoded' });
    expect(await decode(bytes, squared, 999)).toMatchObject({ reason: 'too-many-pixels' });
  });

  it('a strip that would become too large for a network of any size: too many pixels', async () => {
    const bytes = await plain('#fff', { width: 1, height: 2000 }).png().toBuffer();
    const resize = { mode: 'shorter-side', size: 224, kernel: 'linear' } as const;
    // 224 x 448,000
    expect(await decode(bytes, { ...asItIs, resize }, maxPixels)).toMatchObject({
      reason: 'too-many-pixels',
    });
  });
});

it('crops the centre of a strip without upscaling the rest', async () => {
  const bytes = await plain('#a0b0c0', { width: 1, height: 100_000 }).png().toBuffer();
  const decoded = await decode(bytes, squared, maxPixels);
  expect(decoded).toMatchObject({ kind: 'decoded', raster: { width: 32, height: 32 } });
});

/** A PNG whose header has this size and whose data is too short. */
function pngHeader(width: number, height: number): Buffer {
  const ihdr = Buffer.alloc(13);
  ihdr.writeUInt32BE(width, 0);
  ihdr.writeUInt32BE(height, 4);
  ihdr.set([8, 2], 8);
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([
    signature,
    chunk('IHDR', ihdr),
    chunk('IDAT', deflateSync(Buffer.alloc(9))),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
