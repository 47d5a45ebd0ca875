import { fileTypeFromBuffer } from 'file-type';

/** As file-type names them. An animated PNG is a PNG of which the first frame is taken. */
const SUPPORTED = new Set([
  'image/jpeg',
  'image/png',
  'image/apng',
  'image/webp',
  'image/gif',
  'image/avif',
  'image/tiff',
]);

/** What a file is by its own bytes: the media type of a supported image, or what it seems to be instead. */
export async function sniffImage(
  bytes: Uint8Array,
): Promise<{ kind: 'image'; mediaType: string } | { kind: 'other'; seems: string | undefined }> {
  // All of it, not its head: a TIFF file may keep its directory at the end.
  const type = await fileTypeFromBuffer(bytes);
  return type !== undefined && SUPPORTED.has(type.mime)
    ? { kind: 'image', mediaType: type.mime }
    : { kind: 'other', seems: type?.mime };
}
