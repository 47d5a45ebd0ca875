import { numbers, readTiff, TAG, type TiffDirectory } from '@labelfleet/contracts/image-file';

/** Copies a little-endian TIFF with new values in existing two-byte fields. */
export function withFields(tiff: Uint8Array, values: Record<number, number>): Buffer {
  const copy = Buffer.from(tiff);
  for (const [tag, value] of Object.entries(values)) {
    const field = directoryOf(tiff).fields.get(Number(tag));
    if (field === undefined) throw new Error(`The TIFF has no field ${tag}.`);
    for (let i = 0; i < field.count; i++) copy.writeUInt16LE(value, field.at + 2 * i);
  }
  return copy;
}

/** Copies a little-endian TIFF and replaces a field by one of two numbers. */
export function withFieldFor(tiff: Uint8Array, old: number, tag: number, pair: [number, number]) {
  const copy = Buffer.from(tiff);
  const entryAt = directoryOf(tiff).fields.get(old)?.entryAt ?? NaN;
  copy.writeUInt16LE(tag, entryAt);
  copy.writeUInt16LE(3, entryAt + 2);
  copy.writeUInt32LE(2, entryAt + 4);
  pair.forEach((value, i) => copy.writeUInt16LE(value, entryAt + 8 + 2 * i));
  return copy;
}

/** The offsets of each strip or tile. */
export function piecesOf(tiff: Uint8Array): { at: number; end: number }[] {
  const directory = directoryOf(tiff);
  const isTiled = directory.fields.has(TAG.tileOffsets);
  const counts = numbers(tiff, directory, isTiled ? TAG.tileByteCounts : TAG.stripByteCounts);
  return numbers(tiff, directory, isTiled ? TAG.tileOffsets : TAG.stripOffsets).map((at, i) => ({
    at,
    end: at + (counts[i] ?? 0),
  }));
}

function directoryOf(tiff: Uint8Array): TiffDirectory {
  const directory = readTiff(tiff);
  if (directory === undefined) throw new Error('The TIFF has no directory.');
  return directory;
}
