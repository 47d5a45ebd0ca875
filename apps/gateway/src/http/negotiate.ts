import { parseAccept } from 'hono/utils/accept';

/**
 * The media type of the response: the offered type with the highest quality in the Accept header. The first offered
 * wins a tie, and is used if there is no header.
 * @returns undefined if the header accepts none of them
 */
export function negotiate<T extends string>(
  accept: string | undefined,
  offered: readonly T[],
): T | undefined {
  if (accept === undefined || accept.trim() === '') return offered[0];
  const ranges = parseAccept(accept);
  const quality = (type: string) => {
    const candidates = [type, `${type.split('/')[0]}/*`, '*/*'];
    // The most specific range decides (RFC 9110, section 12.5.1).
    for (const candidate of candidates) {
      const range = ranges.find((one) => one.type.toLowerCase() === candidate);
      if (range !== undefined) return range.q;
    }
    return 0;
  };
  return offered
    .map((type) => ({ type, q: quality(type) }))
    .filter(({ q }) => q > 0)
    .toSorted((a, b) => b.q - a.q)[0]?.type;
}
