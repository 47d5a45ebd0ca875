import type { IncomingHttpHeaders } from 'node:http';

/** The names of this machine that browsers and clients use. */
const LOOPBACK = /^(localhost|[\w.-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/**
 * Returns why a request is refused, or null if it is not. A caller of this server can start processes, so foreign web
 * pages must not call it through the user's browser. `Origin` reveals cross-origin requests, except GETs, which change
 * nothing. `Host` reveals a foreign name that resolves to this machine (DNS rebinding).
 */
export function refusalOf({ host = '', origin }: IncomingHttpHeaders): string | null {
  if (!LOOPBACK.test(host)) return `The host ${host} is not this machine.`;
  return origin === undefined || origin === `http://${host}`
    ? null
    : `Pages of ${origin} may not call this server.`;
}
