import { createHash } from 'node:crypto';

/** A strong entity tag of these bytes. */
export const entityTag = (body: string | Uint8Array): string =>
  `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;

/**
 * An answer that a client may keep but asks about before it is used again: 304 without a body where the
 * client has this one.
 * @param ifNoneMatch the request's If-None-Match header
 */
export function cacheableResponse(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>>,
  ifNoneMatch: string | undefined,
  etag = entityTag(body),
): Response {
  const all = { ...headers, etag, 'cache-control': 'no-cache' };
  const known = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return known.includes(etag) || known.includes('*')
    ? new Response(null, { status: 304, headers: all })
    : new Response(body, { headers: all });
}
