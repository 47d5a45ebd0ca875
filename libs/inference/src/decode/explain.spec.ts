import { describe, expect, it } from 'vitest';

import { decode } from './decode.ts';
import { asItIs, refusalOf } from '../testing/decode-pixels.ts';
import { textured } from '../testing/images.ts';

const jpeg = () => textured().jpeg().toBuffer();
const png = () => textured().png().toBuffer();

/** A JPEG with another byte in its frame header: FF, the marker, the length, then the fields. */
async function withFrameHeader(offset: number, value: number): Promise<Buffer> {
  const bytes = await jpeg();
  bytes[bytes.indexOf(Buffer.from([0xff, 0xc0])) + offset] = value;
  return bytes;
}

describe('decode explains what is wrong with', () => {
  it.each([
    [
      'a lossless JPEG',
      () => withFrameHeader(1, 0xc3),
      /^Lossless JPEG is not supported\. Save it/,
    ],
    [
      'a hierarchical JPEG',
      () => withFrameHeader(1, 0xc5),
      /^Hierarchical JPEG is not supported\./,
    ],
    [
      'a JPEG with 12 bits',
      () => withFrameHeader(4, 12),
      /^A JPEG image with 12 bits per sample is not supported\./,
    ],
    [
      'a JPEG without its end',
      async () => (await jpeg()).subarray(0, -700),
      'The JPEG image ends early: its end marker is missing. Send the whole file.',
    ],
    [
      'a PNG with damage in its data',
      async () => {
        const bytes = await png();
        bytes.fill(0, bytes.indexOf('IDAT') + 40, bytes.indexOf('IDAT') + 50);
        return bytes;
      },
      'The PNG image is damaged: the checksum of its IDAT chunk is wrong.',
    ],
    [
      'a WebP without its end',
      async () => (await textured().webp().toBuffer()).subarray(0, 500),
      /^The WebP image ends early: it has 500 of \d+ bytes\. Send the whole file\.$/,
    ],
  ])('%s', async (_, make, reason) => {
    expect(await refusalOf(await make())).toMatch(reason);
  });

  it('a file without a visible fault by quoting the decoder', async () => {
    const bytes = await textured().webp().toBuffer();
    bytes.fill(0xff, 40, 60);
    bytes.fill(0xff, 100);
    expect(await refusalOf(bytes)).toMatch(/^The WebP image is damaged: the decoder says ".+"\.$/);
  });
});

it('gives each of many concurrent images its own reason', async () => {
  const whole = {
    gif: await textured().gif().toBuffer(),
    webp: await textured().webp().toBuffer(),
    avif: await textured().avif({ effort: 0 }).toBuffer(),
    png: await png(),
    jpeg: await jpeg(),
  };
  const files = Object.values(whole).flatMap((bytes) =>
    [1, 2, 3, 4, 5, 6].map((part) => {
      const copy = Buffer.from(bytes);
      copy.fill(0x5a, Math.floor((bytes.length * part) / 8), bytes.length - 20);
      return copy;
    }),
  );
  const reasons = async (bytes: Uint8Array) => {
    const decoded = await decode(bytes, asItIs, 1_000_000);
    return decoded.kind === 'bad-image' ? decoded.detail : 'decoded';
  };
  const sequential: string[] = [];
  for (const file of files) sequential.push(await reasons(file));
  expect(sequential.filter((reason) => reason !== 'decoded').length).toBeGreaterThan(10);
  expect(await Promise.all(files.map(reasons))).toEqual(sequential);
});
