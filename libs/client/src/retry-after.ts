/** The wait that a Retry-After header asks for: seconds, or a date (RFC 9110). Undefined if it is neither. */
export function parseRetryAfter(header: string | null, unixMs: number): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  // Every date of HTTP begins with the name of a day. Date.parse accepts much else.
  const at = /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - unixMs);
}
