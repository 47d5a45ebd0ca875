import type { IncomingHttpHeaders } from 'node:http';

/** Names of this machine, as a browser or a client writes them. */
const LOOPBACK = /^(localhost|[\w.-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/**
 * Why a request is refused, null when it is not. Whoever can call this server can start processes, so no web
 * page from elsewhere may do so through the browser of its user: neither across origins, which `Origin` shows
 * on everything but a GET (and a GET changes nothing), nor by a name of its own that it lets point here (DNS
 * rebinding), which `Host` shows.
 */
export function refusalOf({ host = '', origin }: IncomingHttpHeaders): string | null {
  if (!LOOPBACK.test(host)) return `The host ${host} is not this machine.`;
  return origin === undefined || origin === `http://${host}`
    ? null
    : `Pages of ${origin} may not call this server.`;
}
