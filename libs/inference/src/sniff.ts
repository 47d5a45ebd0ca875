import { IMAGE_MEDIA_TYPES } from '@labelfleet/contracts';
import { fileTypeFromBuffer } from 'file-type';

/**
 * The media type of a picture by its own bytes; undefined for all else. Only what passes here reaches a
 * decoder, so that the libraries' many other formats (SVG, PDF, ...) are no way in.
 */
export async function sniff(bytes: Uint8Array): Promise<string | undefined> {
  const type = await fileTypeFromBuffer(bytes);
  return type !== undefined && IMAGE_MEDIA_TYPES.has(type.mime) ? type.mime : undefined;
}
