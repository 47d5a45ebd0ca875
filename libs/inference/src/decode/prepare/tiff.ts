import { numbers, readTiff, TAG } from '@labelfleet/contracts/image-file';

import { fault, prepared, type Channels, type Fault, type Prepared } from './prepared.ts';
import { firstPage } from './tiff-page.ts';
import { readPieces, wrongChecksum } from './tiff-pieces.ts';
import { readSamples, type Samples } from './tiff-support.ts';

const CCITT_T6 = 4;

export function prepareTiff(bytes: Uint8Array): Prepared | Fault {
  const directory = readTiff(bytes);
  if (directory === undefined) return fault('The TIFF image has no directory.');
  const samples = readSamples(bytes, directory);
  if (samples.kind === 'fault') return samples;
  const pieces = readPieces(bytes, directory);
  if ('kind' in pieces) return pieces;
  // With 'error', libvips leaves a damaged tile blank, and libtiff only warns about damaged T.6 data.
  const damageOnlyWarns =
    directory.fields.has(TAG.tileOffsets) ||
    numbers(bytes, directory, TAG.compression)[0] === CCITT_T6;
  return prepared(firstPage(bytes, directory), {
    channels: channelsOf(samples),
    failOn: damageOnlyWarns ? 'warning' : 'error',
    verify: () => wrongChecksum(bytes, directory),
  });
}

/** libvips always treats the last sample as alpha. */
function channelsOf({ extra }: Samples): Channels | undefined {
  const alpha = extra.findIndex((kind) => kind === 1 || kind === 2);
  if (extra.length === 0 || (extra.length === 1 && alpha === 0)) return undefined;
  // The colours have been converted to the three of RGB.
  return { alpha: alpha < 0 ? undefined : 3 + alpha };
}
