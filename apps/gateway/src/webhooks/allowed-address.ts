import { BlockList, isIP } from 'node:net';
import { isLoopback } from '../http/loopback.ts';

/** IPv4 networks that are not of the public internet (IANA's special-purpose registry, RFC 6890), and multicast. */
const SPECIAL_IPV4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // Link-local; 169.254.169.254 is instance metadata.
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const;

/** Within 2000::/3. Teredo and 6to4 addresses contain an IPv4 address. */
const SPECIAL_IPV6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const;

const special = new BlockList();
for (const [network, prefix] of SPECIAL_IPV4) special.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of SPECIAL_IPV6) special.addSubnet(network, prefix, 'ipv6');

/** All that is allocated for the public internet. IPv4-mapped, unique-local and link-local addresses are outside. */
const globalIpv6 = new BlockList();
globalIpv6.addSubnet('2000::', 3, 'ipv6');

/** Whether a webhook may go to this IP address. */
export function isAllowedAddress(address: string, allowLoopback: boolean): boolean {
  switch (isIP(address)) {
    case 4:
      return !special.check(address, 'ipv4') || (allowLoopback && isLoopback(address));
    case 6:
      return (
        (globalIpv6.check(address, 'ipv6') && !special.check(address, 'ipv6')) ||
        (allowLoopback && isLoopback(address))
      );
    default:
      return false;
  }
}
