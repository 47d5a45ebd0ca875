import sharp from 'sharp';

const picture = () =>
  sharp({ create: { width: 8, height: 8, channels: 3, background: { r: 200, g: 80, b: 20 } } });

/** A small picture of every type that is taken. */
export const PICTURES = {
  'image/jpeg': await picture().jpeg().toBuffer(),
  'image/png': await picture().png().toBuffer(),
  'image/webp': await picture().webp().toBuffer(),
  'image/gif': await picture().gif().toBuffer(),
  'image/avif': await picture().avif().toBuffer(),
  'image/tiff': await picture().tiff().toBuffer(),
} as const;

export const JPEG = PICTURES['image/jpeg'];

const BOUNDARY = 'a-boundary';

export interface Part {
  field: string;
  fileName?: string;
  type?: string;
  bytes: Uint8Array | string;
}

/** A multipart form as a client sends it. */
export function form(...parts: Part[]): { contentType: string; body: Buffer } {
  const pieces = parts.flatMap(({ field, fileName, type, bytes }) => [
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${field}"`,
    fileName === undefined ? '' : `; filename="${fileName}"`,
    type === undefined ? '' : `\r\nContent-Type: ${type}`,
    '\r\n\r\n',
    bytes,
    '\r\n',
  ]);
  return {
    contentType: `multipart/form-data; boundary=${BOUNDARY}`,
    body: Buffer.concat([...pieces, `--${BOUNDARY}--\r\n`].map((piece) => Buffer.from(piece))),
  };
}

/** A form with one file, under the field name of the best known client. */
export const photo = (bytes: Uint8Array | string = JPEG, fileName = 'photo.jpg') =>
  form({ field: 'myfile', fileName, type: 'image/jpeg', bytes });
