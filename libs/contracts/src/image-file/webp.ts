import { ascii, uint } from './bytes.ts';

export interface WebpChunk {
  type: string;
  /** Offset of the chunk's data; the type and the length precede it. */
  at: number;
  length: number;
  /** Offset of the next chunk; lengths are padded to even numbers. */
  end: number;
}

export function* webpChunks(bytes: Uint8Array, from = 12, to = bytes.length): Generator<WebpChunk> {
  for (let at = from; at + 8 <= to;) {
    const length = uint(bytes, at + 4, 4, 'little');
    const end = at + 8 + length + (length % 2);
    yield { type: ascii(bytes, at, 4), at: at + 8, length, end };
    at = end;
  }
}

export function isWebp(bytes: Uint8Array): boolean {
  if (ascii(bytes, 0, 4) !== 'RIFF' || ascii(bytes, 8, 4) !== 'WEBP') return false;
  const [first] = webpChunks(bytes);
  if (first === undefined) return false;
  const { type, at, length } = first;
  if (type === 'VP8X') return length >= 10;
  if (type === 'VP8L') return bytes[at] === 0x2f;
  // The start code of a key frame, after its tag of three bytes.
  return type === 'VP8 ' && uint(bytes, at + 3, 3) === 0x9d012a;
}
