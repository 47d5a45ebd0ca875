import { isFrameHeader, jpegSegments } from '@labelfleet/contracts/image-file';

/** The coding processes that the decoder does not support, by frame header marker. */
const UNSUPPORTED: Readonly<Record<number, string>> = {
  0xc3: 'Lossless JPEG',
  0xc5: 'Hierarchical JPEG',
  0xc6: 'Hierarchical JPEG',
  0xc7: 'Hierarchical JPEG',
  0xcb: 'Lossless JPEG',
  0xcd: 'Hierarchical JPEG',
  0xce: 'Hierarchical JPEG',
  0xcf: 'Hierarchical JPEG',
};

const ADVICE = 'Save it as a baseline or progressive JPEG with 8 bits per sample.';

/** Names the feature of a JPEG that is not supported, from its frame header. */
export function jpegProcessFault(bytes: Uint8Array): string | undefined {
  for (const { marker, at } of jpegSegments(bytes)) {
    if (!isFrameHeader(marker)) continue;
    const name = UNSUPPORTED[marker];
    if (name !== undefined) return `${name} is not supported. ${ADVICE}`;
    const depth = bytes[at + 2];
    const components = bytes[at + 7];
    if (depth !== 8)
      return `A JPEG image with ${depth} bits per sample is not supported. ${ADVICE}`;
    return [1, 3, 4].includes(components ?? 0)
      ? undefined
      : `A JPEG image with ${components} components is not supported. ${ADVICE}`;
  }
  return 'The JPEG image has no frame header. Send the whole file.';
}
