import { uint } from '@labelfleet/contracts/image-file';

const EOI = 0xd9;

/** Markers without a length: TEM, and RST0 to EOI; FF 00 is a data byte. */
const isBare = (marker: number) => marker <= 0x01 || (marker >= 0xd0 && marker <= EOI);

/** Whether the end marker of the image exists. It skips segments, because thumbnails in them have end markers too. */
export function hasEnd(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(0xff, 2); at >= 0;) {
    const marker = bytes[at + 1];
    if (marker === undefined) return false;
    if (marker === EOI) return true;
    const isFill = marker === 0xff;
    const next = isFill ? at + 1 : at + 2;
    const from = isFill || isBare(marker) ? next : next + uint(bytes, next, 2);
    if (!(from < bytes.length)) return false;
    at = bytes.indexOf(0xff, from);
  }
  return false;
}
