import { readGif } from '@labelfleet/contracts/image-file';

import { countPixels } from './gif-data.ts';
import { fault, prepared, type Fault, type Prepared } from './prepared.ts';

/**
 * A second frame of one transparent pixel, and the end of the file. libvips gives a GIF an alpha channel
 * only where a frame says that it has transparent pixels; without one, what the first frame leaves of the
 * canvas comes out black.
 */
const TRANSPARENT_FRAME = Buffer.from(
  '21f90401000000002c000000000100010080000000ffffff02024401003b',
  'hex',
);

/** Cuts a GIF behind its first frame. */
export function prepareGif(bytes: Uint8Array): Prepared | Fault {
  const gif = readGif(bytes);
  const frame = gif?.first;
  if (gif === undefined || frame === undefined) return fault('The GIF image has no frame.');
  const isOnCanvas = frame.left < gif.width && frame.top < gif.height;
  if (frame.width === 0 || frame.height === 0 || frame.dataLength === 0 || !isOnCanvas) {
    return fault('The first frame of the GIF image is empty: there is nothing to classify.');
  }
  const { controlAt } = gif;
  const control = controlAt === undefined ? [] : [bytes.subarray(controlAt, controlAt + 8)];
  const parts = [bytes.subarray(0, gif.blocksAt), ...control, bytes.subarray(frame.at, frame.end)];
  if (frame.end !== undefined) parts.push(TRANSPARENT_FRAME);
  return prepared(Buffer.concat(parts), {
    isAnimated: gif.isAnimated,
    verify: () => {
      const needed = frame.width * frame.height;
      const there = countPixels(bytes, frame.dataAt);
      return there < needed
        ? fault(`The GIF image is damaged: its first frame has ${there} of ${needed} pixels.`)
        : undefined;
    },
  });
}
