const bytes = (base64: string) => Buffer.from(base64, 'base64');

/** An image of 2 by 2 pixels for every supported type, written by sharp. */
export const IMAGES = {
  'image/jpeg': bytes(
    '/9j/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeX' +
      'BkeFxlZ2P/2wBDARESEhgVGC8aGi9jQjhCY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2Nj' +
      'Y2NjY2NjY2NjY2P/wAARCAACAAIDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAT/xAAUEAEAAAAAAA' +
      'AAAAAAAAAAAAAA/8QAFAEBAAAAAAAAAAAAAAAAAAAABf/EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAMAwEAAhED' +
      'EQA/AJQA59//2Q==',
  ),
  'image/png': bytes(
    'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAEklEQVQImW' +
      'M4ESByIkCEAUIBACOuBLGTfJzkAAAAAElFTkSuQmCC',
  ),
  'image/webp': bytes(
    'UklGRjYAAABXRUJQVlA4ICoAAADwAQCdASoCAAIAAsBMJaACdLoB+AAETAAA/t+AP996A3k//5Ka/xtx2AA=',
  ),
  'image/gif': bytes('R0lGODlhAgACAIAAAExpcchQFCH5BAUAAAAALAAAAAACAAIAAAICjFMAOw=='),
  'image/avif': bytes(
    'AAAAHGZ0eXBhdmlmAAAAAG1pZjFhdmlmbWlhZgAAANZtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAA' +
      'AAAAAAAAAAAAAAACJpbG9jAAAAAERAAAEAAQAAAAAA+gABAAAAAAAAACEAAAAjaWluZgAAAAAAAQAAABVpbmZl' +
      'AgAAAAABAABhdjAxAAAAAA5waXRtAAAAAAABAAAAVmlwcnAAAAA4aXBjbwAAAAxhdjFDgSACAAAAABRpc3BlAA' +
      'AAAAAAAAIAAAACAAAAEHBpeGkAAAAAAwgICAAAABZpcG1hAAAAAAAAAAEAAQOBAgMAAAApbWRhdBIACgc4ADaQ' +
      'ENBpMhQcQmLk4AAWAACQNY48LpB6cBpHEA==',
  ),
  'image/tiff': bytes(
    'SUkqABQAAADIUBTIUBTIUBTIUBQPAAABAwABAAAAAgAAAAEBAwABAAAAAgAAAAIBAwADAAAA3gAAAAMBAwABAA' +
      'AAAQAAAAYBAwABAAAAAgAAABEBBAABAAAACAAAABIBAwABAAAAAQAAABUBAwABAAAAAwAAABYBAwABAAAAAAEA' +
      'ABcBBAABAAAADAAAABoBBQABAAAAzgAAABsBBQABAAAA1gAAABwBAwABAAAAAQAAACgBAwABAAAAAgAAAFMBAw' +
      'ADAAAA5AAAAAAAAAAzM8sAAAAIADMzywAAAAgACAAIAAgAAQABAAEA',
  ),
} as const;

export const JPEG = IMAGES['image/jpeg'];

const BOUNDARY = 'a-boundary';

interface Part {
  field: string;
  fileName?: string;
  type?: string;
  bytes: Uint8Array | string;
}

/** Makes a multipart form as a client sends it. */
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

/** A form with one file. `myfile` is the field name in the README. */
export const imageForm = (bytes: Uint8Array | string = JPEG, fileName = 'photo.jpg') =>
  form({ field: 'myfile', fileName, type: 'image/jpeg', bytes });
