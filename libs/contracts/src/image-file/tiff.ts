import { ascii, uint } from './bytes.ts';

/** Sizes of the field types (TIFF 6.0, section 2; 13 and 16 to 18: supplements and BigTIFF). */
const TYPE_SIZES: Readonly<Record<number, number>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
  16: 8,
  17: 8,
  18: 8,
};

interface Field {
  type: number;
  count: number;
  /** Offset of the values, within the entry or elsewhere. */
  at: number;
  entryAt: number;
}

interface Layout {
  order: 'big' | 'little';
  /** 4, in BigTIFF 8. */
  offsetSize: number;
}

export interface TiffDirectory {
  fields: ReadonlyMap<number, Field>;
  layout: Layout;
}

export const TAG = {
  subfileType: 254,
  width: 256,
  height: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  stripOffsets: 273,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  planarConfiguration: 284,
  inkSet: 332,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
  subDirectories: 330,
  extraSamples: 338,
  sampleFormat: 339,
  subsampling: 530,
  dngVersion: 50706,
} as const;

/** Reads the first directory; undefined if the file is not a TIFF or the directory is incomplete. */
export function readTiff(bytes: Uint8Array): TiffDirectory | undefined {
  const layout = layoutOf(bytes);
  if (layout === undefined) return undefined;
  const { order, offsetSize } = layout;
  return readDirectory(bytes, uint(bytes, offsetSize, offsetSize, order), layout);
}

/** @param at offset of the directory */
function readDirectory(bytes: Uint8Array, at: number, layout: Layout): TiffDirectory | undefined {
  const { order, offsetSize } = layout;
  const isBig = offsetSize === 8;
  const [countSize, entrySize] = isBig ? [8, 20] : [2, 12];
  const count = uint(bytes, at, countSize, order);
  const end = at + countSize + count * entrySize;
  if (!(at >= 8 && count > 0 && end <= bytes.length)) return undefined;
  const fields = new Map<number, Field>();
  for (let entry = at + countSize; entry < end; entry += entrySize) {
    const type = uint(bytes, entry + 2, 2, order);
    const values = uint(bytes, entry + 4, offsetSize, order);
    const inline = entry + 4 + offsetSize;
    const isInline = (TYPE_SIZES[type] ?? 0) * values <= offsetSize;
    const tag = uint(bytes, entry, 2, order);
    // libtiff uses the first of two equal tags.
    if (fields.has(tag)) continue;
    fields.set(tag, {
      type,
      count: values,
      at: isInline ? inline : uint(bytes, inline, offsetSize, order),
      entryAt: entry,
    });
  }
  return { fields, layout };
}

/** The integers of a field; empty if it is missing, of another type or beyond the end of the file. */
export function numbers(
  bytes: Uint8Array,
  { fields, layout }: TiffDirectory,
  tag: number,
): number[] {
  const field = fields.get(tag);
  const size = TYPE_SIZES[field?.type ?? 0] ?? 0;
  if (field === undefined || !(field.at + size * field.count <= bytes.length)) return [];
  return Array.from({ length: field.count }, (_, i) =>
    uint(bytes, field.at + i * size, size, layout.order),
  );
}

/** Reads the header: the byte order and 42, or in BigTIFF 43 and the offset size. */
function layoutOf(bytes: Uint8Array): Layout | undefined {
  const order = ({ II: 'little', MM: 'big' } as const)[ascii(bytes, 0, 2)];
  if (order === undefined) return undefined;
  const magic = uint(bytes, 2, 2, order);
  if (magic === 42) return { order, offsetSize: 4 };
  return magic === 43 && uint(bytes, 4, 2, order) === 8 && uint(bytes, 6, 2, order) === 0
    ? { order, offsetSize: 8 }
    : undefined;
}

/** The first directory of a TIFF must have the size of an image and the offsets of its strips or tiles. */
export function isTiff(bytes: Uint8Array): boolean {
  const directory = readTiff(bytes);
  if (directory === undefined) return false;
  const has = (tag: number) => directory.fields.has(tag);
  return (
    has(TAG.width) &&
    has(TAG.height) &&
    (has(TAG.stripOffsets) || has(TAG.tileOffsets)) &&
    !isCameraRaw(bytes, directory)
  );
}

/** Photometric interpretations of sensor data: colour filter array and linear raw. */
const SENSOR = [32803, 34892];
const REDUCED = 1;

/** Raw files of cameras are TIFFs whose first image is often only a thumbnail. */
export function isCameraRaw(bytes: Uint8Array, directory: TiffDirectory): boolean {
  if (ascii(bytes, 8, 2) === 'CR' || directory.fields.has(TAG.dngVersion)) return true;
  const isOfSensor = (of: TiffDirectory) =>
    SENSOR.includes(numbers(bytes, of, TAG.photometric)[0] ?? 0);
  if (isOfSensor(directory)) return true;
  // Some files have hundreds of subdirectories; the raw image is among the first.
  const offsets = numbers(bytes, directory, TAG.subDirectories).slice(0, 16);
  const [subfile = 0] = numbers(bytes, directory, TAG.subfileType);
  return (
    (offsets.length > 0 && (subfile & REDUCED) !== 0) ||
    offsets.some((at) => {
      const sub = readDirectory(bytes, at, directory.layout);
      return sub !== undefined && isOfSensor(sub);
    })
  );
}
