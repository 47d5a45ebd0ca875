import { uint, type TiffDirectory } from '@labelfleet/contracts/image-file';

/** The fields that affect the appearance of the image, from its size to its colour profile. */
const KEPT = new Set([
  256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 284, 292, 293, 317, 320, 322, 323, 324,
  325, 332, 338, 339, 347, 529, 530, 531, 532, 34675,
]);

/**
 * Returns a copy of the file with only the first page: it appends a directory with the kept fields. libtiff warns
 * about unknown fields, and for some compressions warnings count as errors because damage has no other sign; it also
 * reads all pages.
 */
export function firstPage(bytes: Uint8Array, { fields, layout }: TiffDirectory): Buffer {
  const { order, offsetSize } = layout;
  const isBig = offsetSize === 8;
  const entrySize = isBig ? 20 : 12;
  const entries = [...fields.values()]
    .map(({ entryAt }) => bytes.subarray(entryAt, entryAt + entrySize))
    .filter((entry) => KEPT.has(uint(entry, 0, 2, order)))
    .sort((a, b) => uint(a, 0, 2, order) - uint(b, 0, 2, order));
  // Directories begin at even offsets.
  const padding = new Uint8Array(bytes.length % 2);
  const at = bytes.length + padding.length;
  const count = unsigned(entries.length, isBig ? 8 : 2, order);
  const page = Buffer.concat([bytes, padding, count, ...entries, new Uint8Array(offsetSize)]);
  page.set(unsigned(at, offsetSize, order), isBig ? 8 : 4);
  return page;
}

function unsigned(value: number, size: number, order: 'big' | 'little'): Uint8Array {
  const bytes = Uint8Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** i) % 256);
  return order === 'little' ? bytes : bytes.reverse();
}
