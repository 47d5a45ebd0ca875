import { createHash } from 'node:crypto';

/** A strong entity tag. */
export const entityTag = (body: string | Uint8Array): string =>
  `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;

/**
 * A response that a client may cache but must revalidate: 304 without a body if the client has this version.
 * @param ifNoneMatch the request's If-None-Match header
 */
export function cacheableResponse(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>>,
  ifNoneMatch: string | undefined,
  etag = entityTag(body),
): Response {
  const all = versioned(headers, etag);
  return hasVersion(ifNoneMatch, etag)
    ? new Response(null, { status: 304, headers: all })
    : new Response(body, { headers: all });
}

/** The headers of a body that a client may cache but must revalidate. */
export const versioned = (headers: Readonly<Record<string, string>>, etag: string) => ({
  ...headers,
  etag,
  'cache-control': 'no-cache',
});

/** Whether the client has the version already. @param ifNoneMatch the request's If-None-Match header */
export function hasVersion(ifNoneMatch: string | undefined, etag: string): boolean {
  const known = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return known.includes(etag) || known.includes('*');
}
