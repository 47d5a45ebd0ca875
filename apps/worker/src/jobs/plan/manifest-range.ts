import type { PageImage, SourcePosition, StoredJob } from '@labelfleet/contracts';
import { MAX_LINE_BYTES, readManifestLine, tooLongLine } from './manifest-line.ts';

export type ManifestPosition = Extract<SourcePosition, { atByte: number }>;

const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * Reads the lines of a range of a manifest.
 * @param range `bytes` begins at `position`, and holds more than the longest line unless it `isEnd` of the manifest;
 * `room`: the most images to read, at least 1
 * @returns `next`: where to read on, which is the beginning of a line that the range cuts; null at the end
 */
export function readManifestRange(
  job: Pick<StoredJob, 'id' | 'readable'>,
  position: ManifestPosition,
  { bytes, isEnd, room }: { bytes: Uint8Array; isEnd: boolean; room: number },
): { images: PageImage[]; next: ManifestPosition | null } {
  const images: PageImage[] = [];
  let { line, withinLine = false } = position;
  let begin = position.atByte === 0 ? lengthOfByteOrderMark(bytes) : 0;
  while (images.length < room) {
    const newline = bytes.indexOf(NEWLINE, begin);
    if (newline === -1 && !isEnd) {
      const isTooLong = bytes.byteLength - begin > MAX_LINE_BYTES;
      if (!withinLine && !isTooLong)
        return { images, next: { atByte: position.atByte + begin, line } };
      if (!withinLine) images.push(tooLongLine(job, line));
      const atByte = position.atByte + bytes.byteLength;
      return { images, next: { atByte, line, withinLine: true } };
    }
    const end = newline === -1 ? bytes.byteLength : newline;
    const image = withinLine ? undefined : readManifestLine(job, bytes.subarray(begin, end), line);
    if (image !== undefined) images.push(image);
    withinLine = false;
    line++;
    begin = end + 1;
    if (isEnd && begin >= bytes.byteLength) return { images, next: null };
  }
  return { images, next: { atByte: position.atByte + begin, line } };
}

const lengthOfByteOrderMark = (bytes: Uint8Array) =>
  BYTE_ORDER_MARK.every((byte, index) => bytes[index] === byte) ? BYTE_ORDER_MARK.length : 0;
