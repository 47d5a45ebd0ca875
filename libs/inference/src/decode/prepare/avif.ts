import { ascii, topLevelBox } from '@labelfleet/contracts/image-file';

import { fault, prepared, type Fault, type Prepared } from './prepared.ts';

/**
 * Replaces other brands of an AVIF (mif1, avis) by `avif`, which libvips requires, and hides the track of an animated
 * one: its first frame is also an item, and libheif reads the track of a file with a sequence brand.
 */
export function prepareAvif(bytes: Uint8Array): Prepared | Fault {
  const types = topLevelBox(bytes, 'ftyp');
  const track = topLevelBox(bytes, 'moov');
  if (topLevelBox(bytes, 'meta') === undefined) {
    return fault(
      'The AVIF image is a sequence without a still image, which is not supported. Save its first frame as an image.',
    );
  }
  if (types === undefined || (ascii(bytes, 8, 4) === 'avif' && track === undefined)) {
    return prepared(bytes);
  }
  const still = Buffer.from(bytes);
  still.write('avif', types.at, 'latin1');
  for (let at = types.at + 8; at < types.end; at += 4) still.write('avif', at, 'latin1');
  if (track !== undefined) still.write('free', track.start + 4, 'latin1');
  return prepared(still, { isAnimated: track !== undefined });
}
