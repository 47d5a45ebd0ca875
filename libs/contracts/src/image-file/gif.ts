import { ascii, uint } from './bytes.ts';

interface GifFrame {
  left: number;
  top: number;
  width: number;
  height: number;
  /** Where the image descriptor begins. */
  at: number;
  /** Where the LZW minimum code size is; the data sub-blocks follow it. */
  dataAt: number;
  /** Bytes of compressed data in the file. */
  dataLength: number;
  /** Offset after the data's terminator; undefined if the file ends before it. */
  end: number | undefined;
}

export interface Gif {
  width: number;
  height: number;
  /** Offset of the first block, after the global colour table. */
  blocksAt: number;
  /** Offset of the graphic control extension of the first frame. */
  controlAt: number | undefined;
  /** Undefined if the file or its block list ends before any frame. */
  first: GifFrame | undefined;
  /** Whether there is a second frame. */
  isAnimated: boolean;
}

const EXTENSION = 0x21;
const IMAGE = 0x2c;
const TRAILER = 0x3b;
const GRAPHIC_CONTROL = 0xf9;

/** Reads the file up to the end of the first frame; undefined if it is not a GIF. */
export function readGif(bytes: Uint8Array): Gif | undefined {
  if (!['GIF87a', 'GIF89a'].includes(ascii(bytes, 0, 6)) || bytes.length < 13) return undefined;
  const blocksAt = 13 + colourTableLength(bytes[10] ?? 0);
  const gif: Gif = {
    width: uint(bytes, 6, 2, 'little'),
    height: uint(bytes, 8, 2, 'little'),
    blocksAt,
    controlAt: undefined,
    first: undefined,
    isAnimated: false,
  };
  if (blocksAt === bytes.length) return undefined;
  for (let at = blocksAt; at < bytes.length;) {
    const kind = bytes[at];
    if (kind === TRAILER) return gif;
    if (kind === EXTENSION) {
      if (bytes[at + 1] === GRAPHIC_CONTROL) gif.controlAt = at;
      const { end } = subBlocks(bytes, at + 2);
      if (end === undefined) return gif;
      at = end;
    } else if (kind === IMAGE) {
      gif.first = frameAt(bytes, at);
      gif.isAnimated = hasFrame(bytes, gif.first.end);
      return gif;
    } else return undefined;
  }
  return gif;
}

function hasFrame(bytes: Uint8Array, from: number | undefined): boolean {
  let at = from;
  while (at !== undefined && bytes[at] === EXTENSION) at = subBlocks(bytes, at + 2).end;
  return at !== undefined && bytes[at] === IMAGE;
}

function frameAt(bytes: Uint8Array, at: number): GifFrame {
  const field = (offset: number) => uint(bytes, at + offset, 2, 'little');
  const dataAt = at + 10 + colourTableLength(bytes[at + 9] ?? 0);
  const data = subBlocks(bytes, dataAt + 1);
  return {
    left: field(1),
    top: field(3),
    width: field(5),
    height: field(7),
    at,
    dataAt,
    dataLength: data.length,
    end: data.end,
  };
}

const colourTableLength = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);

function subBlocks(bytes: Uint8Array, from: number): { length: number; end: number | undefined } {
  let length = 0;
  for (let at = from; at < bytes.length;) {
    const size = bytes[at] ?? 0;
    if (size === 0) return { length, end: at + 1 };
    length += Math.min(size, bytes.length - at - 1);
    at += size + 1;
  }
  return { length, end: undefined };
}
