import { pngChunks } from '@labelfleet/contracts/image-file';

import { prepared, type Prepared } from './prepared.ts';

/** Text may unpack to many times its size. */
const PACKED_TEXT = ['zTXt', 'iTXt'];
/** What bears on how the first frame looks. */
const KEPT = ['IHDR', 'PLTE', 'tRNS', 'gAMA', 'cHRM', 'sRGB', 'iCCP', 'cICP', 'eXIf', 'IDAT'];
const END = Buffer.from('0000000049454e44ae426082', 'hex');

/** Leaves out packed text, and all that an animated PNG has beside its first frame. */
export function preparePng(bytes: Uint8Array): Prepared {
  const chunks = [...pngChunks(bytes)];
  const isAnimated = chunks.some(({ type }) => type === 'acTL');
  const kept = chunks.filter(({ type }) =>
    isAnimated ? KEPT.includes(type) : !PACKED_TEXT.includes(type),
  );
  if (kept.length === chunks.length) return prepared(bytes);
  const parts = kept.map(({ at, end }) => bytes.subarray(at - 8, end));
  // Damage between later frames may hide the end of an animated PNG.
  if (isAnimated && kept.every(({ end }) => end <= bytes.length)) parts.push(END);
  return prepared(Buffer.concat([bytes.subarray(0, 8), ...parts]), { isAnimated });
}
