import { ascii, uint } from './bytes.ts';

export interface JpegSegment {
  marker: number;
  /** Offset after the marker, where the two bytes of the length are. */
  at: number;
  /** Offset where the next marker must be. */
  end: number;
}

const SOS = 0xda;

/** SOF0 to SOF15 without DHT (C4), JPG (C8) and DAC (CC), which are in the same range. */
export const isFrameHeader = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/**
 * The segments from SOI to the first scan, up to the first byte that is not a marker. The last segment may extend
 * beyond the end of the file.
 */
export function* jpegSegments(bytes: Uint8Array): Generator<JpegSegment> {
  if (uint(bytes, 0, 2) !== 0xffd8) return;
  let at = 2;
  while (bytes[at] === 0xff) {
    // Any number of fill bytes may precede a marker.
    while (bytes[at] === 0xff) at++;
    const marker = bytes[at] ?? 0;
    // Markers below C0 belong to scan data or are reserved.
    if (marker < 0xc0) return;
    const end = at + 1 + uint(bytes, at + 1, 2);
    if (!(end >= at + 3)) return;
    yield { marker, at: at + 1, end };
    if (marker === SOS) return;
    at = end;
  }
}

/** Identifiers of application segments; two bytes of length precede them. */
const KNOWN_IDENTIFIER = /^..(JFIF|JFXX|Exif|Adobe|ICC_PROFILE|http:)/s;

/** A JPEG has a frame header, or it ends early after a known application segment. */
export function isJpeg(bytes: Uint8Array): boolean {
  let isKnown = false;
  let end = Infinity;
  for (const { marker, at, ...segment } of jpegSegments(bytes)) {
    if (isFrameHeader(marker)) return true;
    ({ end } = segment);
    if (end <= bytes.length) isKnown ||= KNOWN_IDENTIFIER.test(ascii(bytes, at, 14));
  }
  return isKnown && end + 4 > bytes.length;
}
