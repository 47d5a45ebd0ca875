import { describe, expect, test } from 'vitest';

import { identifyImage } from './identify.ts';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const box = (type: string, ...content: Uint8Array[]) => {
  const body = Buffer.concat(content);
  return Buffer.concat([u32(body.length + 8), latin1(type), body]);
};
const fullBox = (type: string, version: number, ...content: Uint8Array[]) =>
  box(type, Buffer.from([version, 0, 0, 0]), ...content);
const ftyp = (...brands: string[]) =>
  box('ftyp', latin1(`${brands[0] ?? ''}\0\0\0\0${brands.slice(1).join('')}`));
/** A meta box whose first item is the primary item; `types` are the item types. */
const meta = (...types: string[]) =>
  fullBox(
    'meta',
    0,
    fullBox('pitm', 0, Buffer.from([0, 1])),
    fullBox(
      'iinf',
      0,
      Buffer.from([0, types.length]),
      ...types.map((type, i) => fullBox('infe', 2, Buffer.from([0, i + 1, 0, 0]), latin1(type))),
    ),
  );

/** A TIFF of short and long fields, in the given byte order. */
function tiff(fields: Record<number, number>, order: 'II' | 'MM' = 'II'): Buffer {
  const entries = Object.entries({ 256: 1, 257: 1, 262: 1, 273: 8, 279: 1, ...fields });
  const bytes = Buffer.alloc(8 + 2 + entries.length * 12 + 4);
  const u16 = (value: number, at: number) =>
    order === 'II' ? bytes.writeUInt16LE(value, at) : bytes.writeUInt16BE(value, at);
  const u32 = (value: number, at: number) =>
    order === 'II' ? bytes.writeUInt32LE(value, at) : bytes.writeUInt32BE(value, at);
  bytes.write(order);
  u16(42, 2);
  u32(8, 4);
  u16(entries.length, 8);
  entries.forEach(([tag, value], i) => {
    u16(Number(tag), 10 + i * 12);
    u16(4, 12 + i * 12);
    u32(1, 14 + i * 12);
    u32(value, 18 + i * 12);
  });
  return bytes;
}

const REFUSED = 'Refused.';
const kindOf = (bytes: Uint8Array) => {
  const found = identifyImage(bytes);
  return found.kind === 'image' ? found.mediaType : `${REFUSED} ${found.guess}`.trim();
};

const SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect/></svg>'.repeat(
  400,
);
const FOREIGN: Record<string, Uint8Array> = {
  'an SVG drawing': latin1(SVG),
  'a PDF document': latin1('%PDF-1.7\n1 0 obj\n<<>>\nendobj\n'),
  'a HEIC image': Buffer.concat([ftyp('heic', 'mif1'), meta('hvc1')]),
  'a JPEG XL image': latin1('\xff\x0a\xfa\x1f\0\x91\x08'),
  'a JPEG 2000 image': latin1('\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjp2 '),
  'a Netpbm image': latin1('P6\n2 2\n255\n............'),
  'an OpenEXR image': latin1('\x76\x2f\x31\x01\x02\0\0\0channels\0'),
  'a FITS image': latin1('SIMPLE  =                    T'.padEnd(2880)),
  'a Radiance image': latin1('#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\n'),
  'a Photoshop image': latin1('8BPS\0\x01\0\0\0\0\0\0\0\x03'),
  'a BMP image': latin1('BM\x46\0\0\0\0\0\0\0\x36\0\0\0'),
  "a camera's raw image (CR3)": ftyp('crx ', 'crx ', 'isom'),
  'an HTML or XML document': latin1('<?xml version="1.0"?><image><read filename="x"/></image>'),
};

describe('identifyImage rejects a signature before another format', () => {
  const SIGNATURES: Record<string, string> = {
    JPEG: '\xff\xd8\xff',
    'JPEG with the head of a segment': '\xff\xd8\xff\xe0\x00\x10',
    PNG: '\x89PNG\r\n\x1a\n',
    'PNG with a length': '\x89PNG\r\n\x1a\n\0\0\0\x0d',
    GIF: 'GIF89a',
    'GIF with its screen': 'GIF89a\x02\0\x02\0\0\0\0',
    WebP: 'RIFF\x24\0\0\0WEBP',
    'WebP with a chunk': 'RIFF\x24\0\0\0WEBPVP8 \x18\0\0\0',
    'AVIF, in a comment': '<!--ftypavif-->',
    'AVIF, in four bytes': '\0\0\0\x1cftypavif',
    'AVIF, in a whole box': '\0\0\0\x14ftypavif\0\0\0\0avif',
    'TIFF, little-endian': 'II*\0',
    'TIFF, big-endian': 'MM\0*',
    'TIFF with an offset': 'II*\0\x08\0\0\0',
    BigTIFF: 'II+\0\x08\0\0\0',
  };
  const rows = Object.entries(SIGNATURES).flatMap(([name, signature]) =>
    Object.entries(FOREIGN).map(([body, bytes]) => ({ name, signature, body, bytes })),
  );
  test.each(rows)('$name before $body', ({ signature, bytes }) => {
    expect(kindOf(Buffer.concat([latin1(signature), bytes]))).toMatch(REFUSED);
  });
});

test.each(Object.entries(FOREIGN))('identifyImage names the likely format: %s', (name, bytes) => {
  expect(kindOf(bytes)).toBe(`${REFUSED} It seems to be ${name}.`);
});

test.each([
  ['an SVG drawing', true],
  ['a HEIC image', true],
  ['a PDF document', false],
  ['an HTML or XML document', false],
])('identifyImage reports whether %s is an image: %s', (name, isImage) => {
  expect(identifyImage(FOREIGN[name] ?? Buffer.alloc(0))).toMatchObject({ kind: 'other', isImage });
});

describe('identifyImage identifies AVIF', () => {
  test.each([
    ['by its major brand', [ftyp('avif', 'mif1'), meta('av01')]],
    ['by a compatible brand', [ftyp('mif1', 'miaf', 'avif'), meta('av01')]],
    ['by a compatible brand only', [ftyp('MA1B', 'avif'), meta('av01')]],
    ['of a grid', [ftyp('avif'), meta('grid', 'av01', 'av01')]],
    ['of several frames', [ftyp('avis', 'avif'), meta('av01'), box('moov')]],
    ['without a still image', [ftyp('avis'), box('moov')]],
    ['that ends within its meta box', [ftyp('avif'), meta('av01').subarray(0, 20)]],
  ])('%s', (_, parts) => {
    expect(kindOf(Buffer.concat(parts))).toBe('image/avif');
  });

  test.each([
    ['HEIC with the AVIF brand', [ftyp('avif', 'mif1'), meta('hvc1')]],
    ['a grid of HEIC', [ftyp('avif'), meta('grid', 'hvc1')]],
    ['JPEG in the container', [ftyp('mif1', 'avif'), meta('jpeg')]],
    ['uncompressed samples in the container', [ftyp('mif1', 'avif'), meta('unci')]],
    ['HEIC by the general brand', [ftyp('mif1', 'heic'), meta('hvc1')]],
    ['a file type box only', [ftyp('avif')]],
  ])('but not %s', (_, parts) => {
    expect(kindOf(Buffer.concat(parts))).toMatch(REFUSED);
  });
});

describe('identifyImage identifies TIFF', () => {
  test.each([
    ['little-endian', tiff({})],
    ['big-endian', tiff({}, 'MM')],
    ["with a printer's settings (PrintIM)", tiff({ 0xc4a5: 0 })],
    ['with EXIF, GPS, XMP and unknown tags', tiff({ 700: 0, 34665: 8, 34853: 8, 65000: 1 })],
    ['with reduced images after a full one', tiff({ 330: 8 })],
  ])('%s', (_, bytes) => {
    expect(kindOf(bytes)).toBe('image/tiff');
  });

  const canon = tiff({ 34665: 8 });
  test.each([
    ['DNG', tiff({ 50706: 0x0401 })],
    ['sensor data', tiff({ 262: 32803 })],
    ['linear raw', tiff({ 262: 34892 })],
    ['a thumbnail before other images', tiff({ 254: 1, 330: 8 })],
    [
      'Canon',
      Buffer.concat([
        canon.subarray(0, 4),
        Buffer.from([16, 0, 0, 0]),
        latin1('CR\x02\0\0\0\0\0'),
        canon.subarray(8),
      ]),
    ],
  ])('but not a raw file of a camera: %s', (_, bytes) => {
    expect(kindOf(bytes)).toBe(`${REFUSED} It seems to be a camera's raw image.`);
  });

  test('but not a file that ends within its directory', () => {
    expect(kindOf(tiff({}).subarray(0, 40))).toMatch(REFUSED);
  });
});
