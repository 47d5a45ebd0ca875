import { numbers, TAG, type TiffDirectory } from '@labelfleet/contracts/image-file';
import { inflateSync } from 'node:zlib';

import { fault, type Fault } from './prepared.ts';

const JPEG = 7;
const DEFLATE = [8, 32946];

/** Each piece costs about 10 microseconds. An image of 200 megapixels in tiles of 64 x 64 has 50,000. */
const MAX_PIECES = 200_000;

interface Piece {
  name: string;
  at: number;
  end: number;
}

/** Reads the strips or tiles of a TIFF, or names the first one that is missing or incomplete. */
export function readPieces(bytes: Uint8Array, directory: TiffDirectory): Piece[] | Fault {
  const all = (tag: number) => numbers(bytes, directory, tag);
  const { isTiled, expected } = layoutOf(bytes, directory);
  const unit = isTiled ? 'tile' : 'strip';
  if (expected > MAX_PIECES) {
    return fault(
      `The TIFF image has ${expected} ${unit}s; the limit is ${MAX_PIECES}. Save it with larger ones.`,
    );
  }
  const offsets = all(isTiled ? TAG.tileOffsets : TAG.stripOffsets);
  const counts = all(isTiled ? TAG.tileByteCounts : TAG.stripByteCounts);
  if (!Number.isFinite(expected)) return fault('The TIFF image is damaged: it has no size.');
  if (offsets.length < expected) {
    return fault(`The TIFF image is damaged: it has ${offsets.length} of ${expected} ${unit}s.`);
  }
  // Very old files have no lengths; libtiff estimates them.
  if (counts.length === 0) return [];
  const isJpeg = all(TAG.compression)[0] === JPEG;
  const pieces: Piece[] = [];
  for (let i = 0; i < expected; i++) {
    const name = `${unit} ${i}`;
    const at = offsets[i] ?? 0;
    const end = at + (counts[i] ?? 0);
    if (end === at || at === 0) return fault(`The TIFF image is damaged: ${name} is empty.`);
    if (end > bytes.length) return fault(`The TIFF image ends early: ${name} is incomplete.`);
    // libjpeg fills in missing data and only warns.
    if (isJpeg && !bytes.subarray(Math.max(at, end - 16), end).includes(0xd9)) {
      return fault(`The TIFF image is damaged: the JPEG data of ${name} ends early.`);
    }
    pieces.push({ name, at, end });
  }
  return pieces;
}

/**
 * Verifies the deflate checksums, which libtiff does not read. It decompresses everything again, so the size of the
 * image must be checked before.
 */
export function wrongChecksum(bytes: Uint8Array, directory: TiffDirectory): Fault | undefined {
  const [compression = 1] = numbers(bytes, directory, TAG.compression);
  const pieces = DEFLATE.includes(compression) ? readPieces(bytes, directory) : [];
  if ('kind' in pieces) return pieces;
  const maxOutputLength = Math.max(layoutOf(bytes, directory).pieceBytes, 1) + 65_536;
  for (const { name, at, end } of pieces) {
    try {
      inflateSync(bytes.subarray(at, end), { maxOutputLength });
    } catch (error) {
      // More data than the piece needs is not damage: libtiff ignores it.
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') continue;
      return fault(`The TIFF image is damaged: the deflate data of ${name} is wrong.`);
    }
  }
  return undefined;
}

/** The number of strips or tiles in all planes, and the decompressed size of one. */
function layoutOf(bytes: Uint8Array, directory: TiffDirectory) {
  const first = (tag: number) => numbers(bytes, directory, tag)[0];
  const isTiled = directory.fields.has(TAG.tileOffsets);
  const [width, height] = [first(TAG.width) ?? 0, first(TAG.height) ?? 0];
  const samples = first(TAG.samplesPerPixel) ?? 1;
  const planes = first(TAG.planarConfiguration) === 2 ? samples : 1;
  const columns = isTiled ? (first(TAG.tileWidth) ?? 0) : width;
  const rows = isTiled
    ? (first(TAG.tileHeight) ?? 0)
    : Math.max(1, Math.min(first(TAG.rowsPerStrip) ?? height, height));
  const pieceBits = columns * rows * (samples / planes) * (first(TAG.bitsPerSample) ?? 1);
  return {
    isTiled,
    expected: planes * Math.ceil(width / columns) * Math.ceil(height / rows),
    // Each row is padded to whole bytes.
    pieceBytes: Math.ceil(pieceBits / 8) + rows,
  };
}
