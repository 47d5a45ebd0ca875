import { pngChunks } from '@labelfleet/contracts/image-file';

import { prepared, type Prepared } from './prepared.ts';

/** Compressed text can expand to many times its size. */
const COMPRESSED_TEXT = ['zTXt', 'iTXt'];
/** The chunks that affect the appearance of the first frame. */
const KEPT = ['IHDR', 'PLTE', 'tRNS', 'gAMA', 'cHRM', 'sRGB', 'iCCP', 'cICP', 'eXIf', 'IDAT'];
const END = Buffer.from('0000000049454e44ae426082', 'hex');

/** Removes compressed text, and from an animated PNG everything but its first frame. */
export function preparePng(bytes: Uint8Array): Prepared {
  const chunks = [...pngChunks(bytes)];
  const isAnimated = chunks.some(({ type }) => type === 'acTL');
  const kept = chunks.filter(({ type }) =>
    isAnimated ? KEPT.includes(type) : !COMPRESSED_TEXT.includes(type),
  );
  if (kept.length === chunks.length) return prepared(bytes);
  const parts = kept.map(({ at, end }) => bytes.subarray(at - 8, end));
  // Damage in later frames can hide the end chunk of an animated PNG.
  if (isAnimated && kept.every(({ end }) => end <= bytes.length)) parts.push(END);
  return prepared(Buffer.concat([bytes.subarray(0, 8), ...parts]), { isAnimated });
}
