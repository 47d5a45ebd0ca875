import { readGif } from '@labelfleet/contracts/image-file';

import { countPixels } from './gif-data.ts';
import { fault, prepared, type Fault, type Prepared } from './prepared.ts';

/**
 * A second frame of one transparent pixel, and the trailer. libvips creates an alpha channel only if a frame has
 * transparent pixels; without it, the canvas outside the first frame would be black.
 */
const TRANSPARENT_FRAME = Buffer.from(
  '21f90401000000002c000000000100010080000000ffffff02024401003b',
  'hex',
);

/** Truncates a GIF after its first frame. */
export function prepareGif(bytes: Uint8Array): Prepared | Fault {
  const gif = readGif(bytes);
  const frame = gif?.first;
  if (gif === undefined || frame === undefined) return fault('The GIF image has no frame.');
  const isOnCanvas = frame.left < gif.width && frame.top < gif.height;
  if (frame.width === 0 || frame.height === 0 || frame.dataLength === 0 || !isOnCanvas) {
    return fault('The first frame of the GIF image is empty. Send an image with visible content.');
  }
  const { controlAt } = gif;
  const control = controlAt === undefined ? [] : [bytes.subarray(controlAt, controlAt + 8)];
  const parts = [bytes.subarray(0, gif.blocksAt), ...control, bytes.subarray(frame.at, frame.end)];
  if (frame.end !== undefined) parts.push(TRANSPARENT_FRAME);
  return prepared(Buffer.concat(parts), {
    isAnimated: gif.isAnimated,
    verify: () => {
      const needed = frame.width * frame.height;
      const actual = countPixels(bytes, frame.dataAt);
      return actual < needed
        ? fault(`The GIF image is damaged: its first frame has ${actual} of ${needed} pixels.`)
        : undefined;
    },
  });
}
