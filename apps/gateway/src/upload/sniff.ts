import { IMAGE_MEDIA_TYPES } from '@labelfleet/contracts';
import { fileTypeFromBuffer } from 'file-type';

/** What a file is by its own bytes: the media type of a supported image, or what it seems to be instead. */
export async function sniffImage(
  bytes: Uint8Array,
): Promise<{ kind: 'image'; mediaType: string } | { kind: 'other'; seems: string | undefined }> {
  // All of it, not its head: a TIFF file may keep its directory at the end.
  const type = await fileTypeFromBuffer(bytes);
  return type !== undefined && IMAGE_MEDIA_TYPES.has(type.mime)
    ? { kind: 'image', mediaType: type.mime }
    : { kind: 'other', seems: type?.mime };
}
