import { ApiError } from '../api-error.ts';

/** The first and the last byte, both inclusive. */
export interface ByteRange {
  first: number;
  last: number;
}

/** Parses a Range header; undefined (the whole object) if it cannot be parsed. @throws ApiError 416 */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  const suffix = match[1] === '';
  const first = suffix ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const last = suffix || match[2] === '' ? size - 1 : Math.min(size - 1, Number(match[2]));
  if (first >= size || first > last) {
    throw new ApiError('InvalidRange', 'The requested range is not satisfiable', 416);
  }
  return { first, last };
}
