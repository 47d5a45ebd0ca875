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
  // At 'error' libvips leaves a tile that cannot be decoded blank, and libtiff only warns of damaged T.6.
  const isTolerant =
    directory.fields.has(TAG.tileOffsets) ||
    numbers(bytes, directory, TAG.compression)[0] === CCITT_T6;
  return prepared(firstPage(bytes, directory), {
    channels: channelsOf(samples),
    failOn: isTolerant ? 'warning' : 'error',
    verify: () => wrongChecksum(bytes, directory),
  });
}

/** libvips takes the last of all samples for alpha, whatever the file says of it. */
function channelsOf({ extra }: Samples): Channels | undefined {
  const alpha = extra.findIndex((kind) => kind === 1 || kind === 2);
  if (extra.length === 0 || (extra.length === 1 && alpha === 0)) return undefined;
  // By then the colours are three: RGB.
  return { alpha: alpha < 0 ? undefined : 3 + alpha };
}
