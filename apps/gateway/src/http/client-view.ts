import { BlockList, isIP } from 'node:net';

export interface ProxySettings {
  /** Proxies whose headers are believed. */
  trusted: BlockList | undefined;
  /** The gateway's own address where it cannot be known from headers. */
  publicUrl: URL | undefined;
}

/** What a request looked like where the client sent it. */
export interface ClientView {
  /** The client's address; undefined where there is no connection, as in tests. */
  address: string | undefined;
  /** The host that the client called, if a proxy says it. */
  forwardedHost: string | undefined;
  /** The path at which the gateway's own `/` is, without its last slash: empty unless a proxy adds a prefix. */
  basePath: string;
}

/**
 * Sees through the proxies between client and gateway. Headers count only on connections from a trusted proxy, because
 * any client can send them. Where a proxy sends both, `Forwarded` is ignored: most proxies set X-Forwarded-For and pass
 * a client's `Forwarded` on.
 * @param peer the address at the other end of the connection
 */
export function seeClient(
  peer: string | undefined,
  header: (name: string) => string | undefined,
  { trusted, publicUrl }: ProxySettings,
): ClientView {
  const address = peer?.replace(/^::ffff:(?=\d)/, '');
  const basePath = basePathOf(publicUrl);
  const isTrusted = (one: string) =>
    trusted?.check(one, isIP(one) === 6 ? 'ipv6' : 'ipv4') === true;
  if (address === undefined || isIP(address) === 0 || !isTrusted(address))
    return { address, forwardedHost: undefined, basePath };
  const forwarded = forwardedElements(header('forwarded'));
  const xForwardedFor = header('x-forwarded-for');
  const hops =
    xForwardedFor === undefined ? forwarded.map((hop) => hop.get('for')) : xForwardedFor.split(',');
  const prefix = lastOf(header('x-forwarded-prefix'));
  return {
    address: beforeProxies(address, hops, isTrusted),
    forwardedHost: lastOf(header('x-forwarded-host')) ?? forwarded.at(-1)?.get('host'),
    basePath: publicUrl === undefined && isPrefix(prefix) ? prefix.replace(/\/+$/, '') : basePath,
  };
}

/** The path of PUBLIC_URL without its last slash. */
export const basePathOf = (publicUrl: URL | undefined): string =>
  publicUrl?.pathname.replace(/\/+$/, '') ?? '';

/** Each proxy appends the address that called it, so the last one that no trusted proxy has is the client's. */
function beforeProxies(
  peer: string,
  hops: readonly (string | undefined)[],
  isTrusted: (address: string) => boolean,
): string {
  let address = peer;
  for (const hop of hops.toReversed()) {
    const before = withoutPort(hop ?? '');
    if (!isTrusted(address) || isIP(before) === 0) break;
    address = before;
  }
  return address;
}

/** `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]` and `[2001:db8::1]:4711` are all in use. */
function withoutPort(hop: string): string {
  const [, bracketed, v4] = /^\[([^\]]+)\](?::\d+)?$|^([\d.]+):\d+$/.exec(hop.trim()) ?? [];
  return (bracketed ?? v4 ?? hop.trim()).replace(/^::ffff:(?=\d)/, '');
}

/** The elements of a Forwarded header (RFC 7239), by the names of their parameters. */
function forwardedElements(header: string | undefined): Map<string, string>[] {
  const elements = (header ?? '').match(/(?:[^,"]|"(?:\\.|[^"\\])*")+/g) ?? [];
  return elements.map((element) => {
    const pairs = element.matchAll(/([\w-]+)=(?:"((?:\\.|[^"\\])*)"|([^;,\s"]+))/g);
    return new Map(
      [...pairs].map(([, name = '', quoted, token = '']) => [
        name.toLowerCase(),
        quoted?.replaceAll(/\\(.)/g, '$1') ?? token,
      ]),
    );
  });
}

const lastOf = (list: string | undefined): string | undefined => list?.split(',').at(-1)?.trim();

/** Anything else could make a link lead to another host, as `//host` does. */
const isPrefix = (prefix: string | undefined): prefix is string =>
  prefix !== undefined && /^(\/[A-Za-z0-9._~-]+)+\/?$/.test(prefix);

/**
 * The networks of a comma list such as `10.0.0.0/8, ::1`.
 * @returns the entry that is none
 */
export function parseNetworks(text: string): { value: BlockList } | { wrong: string } {
  const list = new BlockList();
  for (const entry of text.split(',').map((part) => part.trim())) {
    const [address = '', bits, ...more] = entry.split('/');
    const version = isIP(address);
    const length = bits === undefined ? (version === 6 ? 128 : 32) : Number(bits);
    const isNetwork =
      version !== 0 &&
      more.length === 0 &&
      /^\d{1,3}$/.test(bits ?? '0') &&
      length <= (version === 6 ? 128 : 32);
    if (!isNetwork) return { wrong: `${entry} is no network; write 10.0.0.0/8 or ::1` };
    list.addSubnet(address, length, version === 6 ? 'ipv6' : 'ipv4');
  }
  return { value: list };
}
