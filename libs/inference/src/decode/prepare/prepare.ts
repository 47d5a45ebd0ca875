import type { ImageFormat } from '@labelfleet/contracts/image-file';

import { prepareAvif } from './avif.ts';
import { prepareGif } from './gif.ts';
import { preparePng } from './png.ts';
import { prepared, type Fault, type Prepared } from './prepared.ts';
import { prepareTiff } from './tiff.ts';
import { prepareWebp } from './webp.ts';

export function prepare(bytes: Uint8Array, format: ImageFormat): Prepared | Fault {
  switch (format) {
    case 'JPEG':
      return prepared(bytes);
    case 'PNG':
      return preparePng(bytes);
    case 'WebP':
      return prepareWebp(bytes);
    case 'GIF':
      return prepareGif(bytes);
    case 'AVIF':
      return prepareAvif(bytes);
    case 'TIFF':
      return prepareTiff(bytes);
  }
}
