import { ascii, webpChunks } from '@labelfleet/contracts/image-file';

import { prepared, type Prepared } from './prepared.ts';

const ALPHA = 0x10;

/** Truncates an animated WebP after its first frame. */
export function prepareWebp(bytes: Uint8Array): Prepared {
  const chunks = [...webpChunks(bytes)];
  const frames = chunks.filter(({ type }) => type === 'ANMF');
  const [first] = frames;
  if (first === undefined || first.end > bytes.length) return prepared(bytes);
  const kept = chunks.filter((chunk) => chunk.type !== 'ANMF' || chunk === first);
  const parts = kept.map(({ at, end }) => bytes.subarray(at - 8, end));
  const cut = Buffer.concat([bytes.subarray(0, 12), ...parts]);
  cut.writeUInt32LE(cut.length - 8, 4);
  // Without alpha, the canvas outside the frame would be black.
  if (ascii(cut, 12, 4) === 'VP8X') cut[20] = (cut[20] ?? 0) | ALPHA;
  return prepared(cut, { isAnimated: frames.length > 1 });
}
