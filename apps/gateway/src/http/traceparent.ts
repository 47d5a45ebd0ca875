const PATTERN = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;

/** The trace id of a valid traceparent. */
export const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35);

/**
 * The W3C trace context to pass on: the caller's trace if its header is valid, else a new one that is not sampled.
 * The parent id is a new one for this hop.
 * @param random at least 24 random bytes
 */
export function continueTrace(header: string | undefined, random: Uint8Array): string {
  const [, traceId, flags] = PATTERN.exec(header ?? '') ?? [];
  const hex = (from: number, to: number) =>
    [...random.subarray(from, to)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `00-${traceId ?? hex(0, 16)}-${hex(16, 24)}-${flags ?? '00'}`;
}
