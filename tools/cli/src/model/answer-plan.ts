import type { CatalogEntry } from '@labelfleet/inference/model-tools';

/** What to do with a server's response when the first `have` bytes of the file are downloaded. */
export type ResponsePlan =
  | { kind: 'append' }
  | { kind: 'whole' }
  /** The downloaded bytes are not from the server's version of the file. Discard them and request the whole file. */
  | { kind: 'start-over' }
  /** A later attempt may succeed. */
  | { kind: 'broken'; detail: string }
  /** A later attempt would fail in the same way. */
  | { kind: 'refused'; detail: string };

export interface ResponseHead {
  status: number;
  contentRange: string | null;
  contentLength: string | null;
}

export function planResponse(
  { status, contentRange, contentLength }: ResponseHead,
  have: number,
  { bytes }: Pick<CatalogEntry, 'bytes'>,
): ResponsePlan {
  if (status === 200) {
    return contentLength === null || Number(contentLength) === bytes
      ? { kind: 'whole' }
      : otherSize(contentLength, bytes);
  }
  if (status === 206) {
    const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(contentRange ?? '') ?? [];
    if (total !== undefined && total !== '*' && Number(total) !== bytes) {
      return otherSize(total, bytes);
    }
    if (start !== undefined && have > 0 && Number(start) === have) return { kind: 'append' };
    return have > 0
      ? { kind: 'start-over' }
      : { kind: 'refused', detail: 'the server sends a range that was not requested' };
  }
  if (status === 416 && have > 0) return { kind: 'start-over' };
  const detail = `the server responds with ${status}`;
  const isTransient = status >= 500 || status === 408 || status === 429;
  return { kind: isTransient ? 'broken' : 'refused', detail };
}

const otherSize = (size: string, bytes: number): ResponsePlan => ({
  kind: 'refused',
  detail: `the server's file has ${size} bytes instead of ${bytes}`,
});
