import { readGif } from '@labelfleet/contracts/image-file';
import { readFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';

import { pixelAt, pixelsOf, refusalOf } from '../../testing/decode-pixels.ts';
import { plain } from '../../testing/images.ts';

const RED = [255, 0, 0];
const WHITE = [255, 255, 255];

async function animated(type: 'gif' | 'webp', first = '#f00', alpha = 1): Promise<Buffer> {
  const size = { width: 40, height: 30 };
  const frames = [
    await plain(first, size).ensureAlpha(alpha).png().toBuffer(),
    await plain('#00f', size).ensureAlpha().png().toBuffer(),
  ];
  const joined = sharp(frames, { join: { animated: true } });
  return await (type === 'gif' ? joined.gif() : joined.webp({ lossless: true })).toBuffer();
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

/** An animated PNG of two frames of 40 x 30 pixels. */
function apng(first: number[], second: number[]): Buffer {
  const header = Buffer.from([0, 0, 0, 40, 0, 0, 0, 30, 8, 6, 0, 0, 0]);
  const frame = (colour: number[]) =>
    deflateSync(
      Buffer.concat(
        Array.from({ length: 30 }, () =>
          Buffer.from([0, ...Array.from({ length: 40 }, () => colour).flat()]),
        ),
      ),
    );
  const control = (sequence: number) =>
    chunk(
      'fcTL',
      Buffer.from([
        0,
        0,
        0,
        sequence,
        0,
        0,
        0,
        40,
        0,
        0,
        0,
        30,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        1,
        0,
        10,
        0,
        0,
      ]),
    );
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('acTL', Buffer.from([0, 0, 0, 2, 0, 0, 0, 0])),
    control(0),
    chunk('IDAT', frame(first)),
    control(1),
    chunk('fdAT', Buffer.concat([Buffer.from([0, 0, 0, 2]), frame(second)])),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const files: Record<string, () => Promise<{ bytes: Buffer; secondAt: number }>> = {
  GIF: async () => {
    const bytes = await animated('gif');
    return { bytes, secondAt: (readGif(bytes)?.first?.end ?? NaN) + 8 };
  },
  WebP: async () => {
    const bytes = await animated('webp');
    return { bytes, secondAt: bytes.lastIndexOf('ANMF') + 8 };
  },
  PNG: async () => {
    const bytes = apng([255, 0, 0, 255], [0, 0, 255, 255]);
    return { bytes, secondAt: bytes.indexOf('fdAT') + 4 };
  },
};

describe.each(Object.entries(files))('an animated %s', (_, make) => {
  it('is decoded to its first frame', async () => {
    expect(pixelAt(await pixelsOf((await make()).bytes), 20, 15)).toEqual(RED);
  });

  it('is decoded to its first frame when later ones are damaged or missing', async () => {
    const { bytes, secondAt } = await make();
    const damaged = Buffer.from(bytes).fill(0xee, secondAt);
    expect(pixelAt(await pixelsOf(damaged), 20, 15)).toEqual(RED);
    expect(pixelAt(await pixelsOf(bytes.subarray(0, secondAt)), 20, 15)).toEqual(RED);
  });
});

it.each([
  ['GIF', () => animated('gif', '#000', 0)],
  ['WebP', () => animated('webp', '#000', 0)],
  ['PNG', async () => apng([0, 0, 0, 0], [0, 0, 255, 255])],
])('a first frame of an animated %s that is all transparent is refused', async (format, make) => {
  expect(await refusalOf(await make())).toBe(
    `The first frame of the ${format} image is fully transparent. Send an image with visible content.`,
  );
});

describe('a GIF', () => {
  const still = (): Promise<Buffer> => plain('#f00', { width: 40, height: 30 }).gif().toBuffer();
  /** A GIF with other values in the descriptor of its first frame. */
  const withFrame = async (fields: Record<number, number>, of = still()) => {
    const bytes = await of;
    const at = readGif(bytes)?.first?.at ?? NaN;
    for (const [offset, value] of Object.entries(fields)) {
      bytes.writeUInt16LE(value, at + Number(offset));
    }
    return bytes;
  };

  it.each([
    ['still', still],
    ['animated', () => animated('gif')],
  ])('is white where no frame covers its canvas: %s', async (_, make) => {
    const bytes = await withFrame({}, make());
    bytes.writeUInt16LE(60, 6);
    bytes.writeUInt16LE(50, 8);
    const raster = await pixelsOf(bytes);
    expect([raster.width, raster.height]).toEqual([60, 50]);
    expect(pixelAt(raster, 20, 15)).toEqual(RED);
    expect(pixelAt(raster, 50, 15)).toEqual(WHITE);
    expect(pixelAt(raster, 20, 40)).toEqual(WHITE);
  });

  it.each([
    ['of no width', { 5: 0 }],
    ['of no height', { 7: 0 }],
    ['right of the canvas', { 1: 40 }],
    ['below the canvas', { 3: 30 }],
  ])('with a first frame %s is refused', async (_, fields) => {
    expect(await refusalOf(await withFrame(fields))).toBe(
      'The first frame of the GIF image is empty. Send an image with visible content.',
    );
  });

  it.each([
    ['no blocks', Buffer.from([2, 0]), 'is empty'],
    ['no pixels', Buffer.from([2, 1, 0x2c, 0]), 'has 0 of 1200 pixels'],
    // The codes clear, 0, 0, end, with 3 bits each.
    ['two pixels', Buffer.from([2, 2, 0x04, 0x0a, 0]), 'has 2 of 1200 pixels'],
  ])('whose first frame has %s in its data is refused', async (_, data, reason) => {
    const bytes = await still();
    const frame = readGif(bytes)?.first;
    const head = bytes.subarray(0, frame?.dataAt);
    expect(await refusalOf(Buffer.concat([head, data, bytes.subarray(frame?.end)]))).toMatch(
      reason,
    );
  });

  it('without a frame is refused', async () => {
    const bytes = await still();
    const { blocksAt } = readGif(bytes) ?? {};
    const empty = Buffer.concat([bytes.subarray(0, blocksAt), Buffer.from([0x3b])]);
    expect(await refusalOf(empty)).toBe('The GIF image has no frame.');
  });
});

describe('an AVIF', () => {
  // Created with avifenc from three colours; the first is (60, 20, 20).
  const film = readFileSync(new URL('../../../testing/frames/animated.avif', import.meta.url));
  const close = (actual: number[], expected: number[]) =>
    expect(Math.max(...actual.map((v, i) => Math.abs(v - (expected[i] ?? NaN))))).toBeLessThan(4);

  it('that is animated is decoded to its first frame', async () => {
    close(pixelAt(await pixelsOf(film), 20, 15), [60, 20, 20]);
  });

  it.each(['mif1', 'miaf', 'MA1B', 'msf1'])('with the major brand %s is decoded', async (brand) => {
    const bytes = await plain('#204060', { width: 32, height: 32 }).avif({ effort: 0 }).toBuffer();
    bytes.write(`${brand}\0\0\0\0avif`, 8, 'latin1');
    close(pixelAt(await pixelsOf(bytes), 20, 15), [32, 64, 96]);
  });
});
