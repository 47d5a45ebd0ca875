import { ascii, uint } from './bytes.ts';

export interface PngChunk {
  type: string;
  /** Offset of the chunk's data; the length and the type precede it. */
  at: number;
  length: number;
  /** Offset after the checksum; beyond the end of the file if the file ends early. */
  end: number;
}

const SIGNATURE = '\x89PNG\r\n\x1a\n';

export function* pngChunks(bytes: Uint8Array): Generator<PngChunk> {
  for (let at = SIGNATURE.length; at + 8 <= bytes.length;) {
    const length = uint(bytes, at, 4);
    const end = at + 12 + length;
    yield { type: ascii(bytes, at + 4, 4), at: at + 8, length, end };
    at = end;
  }
}

/** A PNG begins with an IHDR chunk. Apple's variant (CgBI) does not, and the decoder cannot read it. */
export const isPng = (bytes: Uint8Array): boolean =>
  ascii(bytes, 0, 8) === SIGNATURE &&
  ascii(bytes, 12, 4) === 'IHDR' &&
  uint(bytes, 8, 4) === 13 &&
  bytes.length >= 33;

/** An animated PNG has an animation control chunk before the image data. */
export function isAnimatedPng(bytes: Uint8Array): boolean {
  for (const { type } of pngChunks(bytes)) {
    if (type === 'acTL') return true;
    if (type === 'IDAT') return false;
  }
  return false;
}
