import { refuse, type Refusal } from '../http/problem.ts';

/** The names by which a browser reaches this machine itself. */
const LOOPBACK_NAME = /^(localhost|[\w.-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

export interface AnonymousGuard {
  /** True if the gateway listens on loopback: then its Host header must be a name of this machine. */
  onLoopback: boolean;
  /** The host of PUBLIC_URL. */
  publicHost: string | undefined;
  isAllowedOrigin: (origin: string) => boolean;
}

interface Head {
  method: string;
  header: (name: string) => string | undefined;
  /** The host that a trusted proxy was called by. */
  forwardedHost: string | undefined;
}

/**
 * Refuses what a foreign web page makes the browser of a visitor send, where no API key protects the gateway: a name
 * of the page's that resolves to this machine (DNS rebinding), and POSTs of other sites.
 */
export function guardAnonymous(
  { method, header, forwardedHost }: Head,
  { onLoopback, publicHost, isAllowedOrigin }: AnonymousGuard,
): Refusal | undefined {
  // An HTTP/1.0 client may send no Host; no browser does that.
  const host = header('host');
  if (onLoopback && host !== undefined && !LOOPBACK_NAME.test(host) && host !== publicHost)
    return refuse(
      'forbidden',
      `The Host ${host} is not this machine. A proxy in front of the gateway needs PUBLIC_URL to name it.`,
    );
  if (method !== 'POST') return undefined;
  const origin = header('origin');
  const site = header('sec-fetch-site');
  if (site === 'same-origin' || (origin !== undefined && isAllowedOrigin(origin))) return undefined;
  // Where the browser does not say whether the site is the same, the origin's host does.
  const isForeign =
    origin === undefined
      ? site === 'cross-site'
      : site !== undefined || !isHostOf(origin, [host, forwardedHost, publicHost]);
  return isForeign
    ? refuse(
        'forbidden',
        `Pages of ${origin ?? 'other sites'} may not post here. The operator can allow them with CORS_ORIGINS.`,
      )
    : undefined;
}

/** False for `null`, the origin of a page without one. */
const isHostOf = (origin: string, hosts: readonly (string | undefined)[]): boolean =>
  URL.canParse(origin) && hosts.includes(new URL(origin).host);
