/** The types of picture that are decoded. The same list as the gateway's. */
export type ImageType = 'jpeg' | 'png' | 'webp' | 'gif' | 'avif' | 'tiff';

/**
 * The type of a picture by its first bytes; undefined for all else. Only what passes here reaches a decoder,
 * so that the libraries' many other formats (SVG, PDF, ...) are no way in.
 */
export function sniff(bytes: Uint8Array): ImageType | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, 12));
  if (head.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (/^GIF8[79]a/.test(head)) return 'gif';
  if (head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP') return 'webp';
  if (/^(II[*+]\0|MM\0[*+])/.test(head)) return 'tiff';
  if (head.slice(4, 8) === 'ftyp' && brands(bytes).some(isAvif)) return 'avif';
  return undefined;
}

/** Major and compatible brands of an ISO media file: four characters each, a version after the first. */
function brands(bytes: Uint8Array): string[] {
  const size = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
  const box = bytes.subarray(8, Math.min(size, bytes.length, 256));
  return String.fromCharCode(...box).match(/[^]{4}/g) ?? [];
}

const isAvif = (brand: string) => brand === 'avif' || brand === 'avis';
