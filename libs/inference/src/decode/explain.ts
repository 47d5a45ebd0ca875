import {
  boxEndsEarly,
  pngChunks,
  readGif,
  uint,
  webpChunks,
  type ImageFormat,
} from '@labelfleet/contracts/image-file';
import { crc32 } from 'node:zlib';

import { hasEnd } from './jpeg-end.ts';
import { jpegProcessFault } from './jpeg-process.ts';

/** Explains in a sentence why decoding failed, if possible from the structure of the file. */
export function explain(bytes: Uint8Array, format: ImageFormat, error: unknown): string {
  return byStructure(bytes, format) ?? `The ${format} image is damaged${decoderMessage(error)}.`;
}

function byStructure(bytes: Uint8Array, format: ImageFormat): string | undefined {
  const early = endsEarly(bytes, format);
  if (early !== undefined) return `The ${format} image ends early: ${early}. Send the whole file.`;
  if (format === 'JPEG') return jpegProcessFault(bytes);
  const chunk = format === 'PNG' ? wrongChunk(bytes) : undefined;
  return chunk && `The PNG image is damaged: the checksum of its ${chunk} chunk is wrong.`;
}

function endsEarly(bytes: Uint8Array, format: ImageFormat): string | undefined {
  switch (format) {
    case 'JPEG':
      return hasEnd(bytes) ? undefined : 'its end marker is missing';
    case 'PNG': {
      const last = [...pngChunks(bytes)].at(-1);
      const isWhole = last?.type === 'IEND' && last.end <= bytes.length;
      return isWhole ? undefined : 'its last chunk is missing or incomplete';
    }
    case 'WebP': {
      const length = uint(bytes, 4, 4, 'little') + 8;
      const isWhole =
        length <= bytes.length && [...webpChunks(bytes)].every(({ end }) => end <= length + 1);
      return isWhole ? undefined : `it has ${bytes.length} of ${length} bytes`;
    }
    case 'GIF':
      return readGif(bytes)?.first?.end === undefined ? 'its first frame is incomplete' : undefined;
    case 'AVIF':
      return boxEndsEarly(bytes) ? 'its last box is incomplete' : undefined;
    case 'TIFF':
      // prepareTiff has already checked the strips and tiles.
      return undefined;
  }
}

function wrongChunk(bytes: Uint8Array): string | undefined {
  for (const { type, at, length } of pngChunks(bytes)) {
    if (crc32(bytes.subarray(at - 4, at + length)) !== uint(bytes, at + length, 4)) return type;
  }
  return undefined;
}

/** Quotes the first line of the decoder's error: libvips has one line per library. */
function decoderMessage(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const lines = text
    .replace(/^Input buffer has corrupt header:/, '')
    .split('\n')
    .map((line) => line.trim().replace(/[.:]+$/, ''));
  const words = lines.find((line) => line !== '');
  return words === undefined ? ' and cannot be decoded' : `: the decoder says "${words}"`;
}
