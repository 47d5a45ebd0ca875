import { identifyImage } from '@labelfleet/contracts/image-file';
import { refuse, type Refusal } from '../http/problem.ts';
import { shownFileName } from './file-name.ts';
import type { ReceivedFile } from './form-file.ts';

export interface Upload {
  kind: 'image';
  bytes: Uint8Array;
  /** Identified by the bytes; the declared type is ignored. */
  mediaType: string;
  fileName: string | undefined;
}

/** Decides by its bytes whether a file is an image that may be classified. */
export function judgeFile(
  file: Omit<ReceivedFile, 'kind'>,
  maxImageBytes: number,
): Upload | Refusal {
  const { bytes, encoding } = file;
  if (bytes.length === 0) {
    return refuse('missing-image', 'The file is empty: it has 0 bytes. Send an image.');
  }
  if (bytes.length > maxImageBytes) return imageTooLarge(maxImageBytes);
  const type = identifyImage(bytes);
  if (type.kind === 'other') {
    const supported = 'The file must be a JPEG, PNG, WebP, GIF, AVIF or TIFF image.';
    const sentences = [supported, type.guess, encodedText(encoding)].filter((text) => text !== '');
    return refuse('unsupported-media-type', sentences.join(' '));
  }
  return {
    kind: 'image',
    bytes,
    mediaType: type.mediaType,
    fileName: shownFileName(file.fileName),
  };
}

export const imageTooLarge = (maxImageBytes: number) =>
  refuse(
    'payload-too-large',
    `The image is larger than ${maxImageBytes} bytes. Send a smaller one.`,
  );

/** Explains a file that is no image because its part is encoded. */
const encodedText = (encoding: string | undefined) =>
  encoding === 'base64' || encoding === 'quoted-printable'
    ? `Its part has Content-Transfer-Encoding: ${encoding}; send the bytes of the image without it.`
    : '';
