import { ascii, uint } from './bytes.ts';

export interface JpegSegment {
  marker: number;
  /** Of the bytes behind the marker, the two of the length included. */
  at: number;
  /** Where the next marker should be. */
  end: number;
}

const SOS = 0xda;

/** SOF0 to SOF15, less DHT (C4), JPG (C8) and DAC (CC), which share the range. */
export const isFrameHeader = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/**
 * The segments from SOI up to the first scan. The last one may reach beyond the end of the file; the walk
 * stops at the first byte that is no marker.
 */
export function* jpegSegments(bytes: Uint8Array): Generator<JpegSegment> {
  if (uint(bytes, 0, 2) !== 0xffd8) return;
  let at = 2;
  while (bytes[at] === 0xff) {
    // A marker may have any number of fill bytes before it.
    while (bytes[at] === 0xff) at++;
    const marker = bytes[at] ?? 0;
    // The markers below C0 are for the data of scans, or reserved.
    if (marker < 0xc0) return;
    const end = at + 1 + uint(bytes, at + 1, 2);
    if (!(end >= at + 3)) return;
    yield { marker, at: at + 1, end };
    if (marker === SOS) return;
    at = end;
  }
}

/** What applications write at the head of a segment, behind its length. */
const KNOWN_HEAD = /^..(JFIF|JFXX|Exif|Adobe|ICC_PROFILE|http:)/s;

/** Whether a JPEG begins here: it has a frame header, or ends early behind a segment of a known kind. */
export function isJpeg(bytes: Uint8Array): boolean {
  let isKnown = false;
  let end = Infinity;
  for (const { marker, at, ...segment } of jpegSegments(bytes)) {
    if (isFrameHeader(marker)) return true;
    ({ end } = segment);
    if (end <= bytes.length) isKnown ||= KNOWN_HEAD.test(ascii(bytes, at, 14));
  }
  return isKnown && end + 4 > bytes.length;
}
