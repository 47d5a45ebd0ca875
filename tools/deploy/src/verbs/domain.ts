import { Resolver } from 'node:dns/promises';

/** What a name resolves to. */
export interface Resolved {
  ipv4: readonly string[];
  ipv6: readonly string[];
}

/** Asks DNS, and not the files of this machine. A name that does not resolve has no addresses. */
export async function resolveName(name: string): Promise<Resolved> {
  const resolver = new Resolver({ timeout: 3000, tries: 2 });
  const [ipv4, ipv6] = await Promise.all([
    resolver.resolve4(name).catch(() => []),
    resolver.resolve6(name).catch(() => []),
  ]);
  return { ipv4, ipv6 };
}

/** What keeps Let's Encrypt from finding the deployment's machine by the name, each with what to do. */
export function domainFaults(name: string, address: string, { ipv4, ipv6 }: Resolved): string[] {
  const points = ipv4.length === 1 && ipv4[0] === address;
  return [
    ...(points
      ? []
      : [
          `${name} resolves to ${ipv4.join(', ') || 'no address'}. Set its A record to ${address}, and wait until it is known.`,
        ]),
    ...(ipv6.length === 0
      ? []
      : [
          `${name} has an AAAA record (${ipv6.join(', ')}), which callers would try first. Remove it: the deployment has an IPv4 address only.`,
        ]),
  ];
}

/** What to do once a deployment has its address. */
export const nextSteps = (faults: readonly string[]): string[] =>
  faults.length === 0
    ? []
    : [
        ...faults,
        'The certificate is requested within five minutes after that; until then HTTPS has one that nobody trusts.',
      ];
