import { expect, test } from 'vitest';
import { isAllowedAddress } from './allowed-address.ts';

test.each(['1.1.1.1', '52.95.110.1', '172.15.0.1', '172.32.0.1', '100.128.0.1', '2600:1f18::1'])(
  '%s is of the public internet',
  (address) => expect(isAllowedAddress(address, false)).toBe(true),
);

test.each([
  ['0.0.0.0', 'this machine'],
  ['10.1.2.3', 'private'],
  ['100.64.0.1', 'shared by a provider'],
  ['100.127.255.255', 'shared by a provider'],
  ['127.0.0.1', 'loopback'],
  ['127.9.9.9', 'loopback'],
  ['169.254.169.254', 'instance metadata'],
  ['172.16.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['192.168.0.1', 'private'],
  ['192.0.0.192', 'special'],
  ['198.19.0.1', 'benchmarks'],
  ['224.0.0.1', 'multicast'],
  ['255.255.255.255', 'broadcast'],
  ['::', 'this machine'],
  ['::1', 'loopback'],
  ['::ffff:10.0.0.1', 'IPv4-mapped'],
  ['::ffff:1.1.1.1', 'IPv4-mapped'],
  ['64:ff9b::a00:1', 'NAT64 of a private address'],
  ['2002:a00:1::', '6to4 of a private address'],
  ['2001:0:a00:1::', 'Teredo'],
  ['2001:db8::1', 'documentation'],
  ['fd00:ec2::254', 'instance metadata'],
  ['fc00::1', 'unique-local'],
  ['fe80::1', 'link-local'],
  ['fe80::1%eth0', 'link-local, with its interface'],
  ['ff02::1', 'multicast'],
  ['localhost', 'no address'],
])('%s is refused: %s', (address) => expect(isAllowedAddress(address, false)).toBe(false));

test.each([
  ['127.0.0.1', true],
  ['::1', true],
  ['10.0.0.1', false],
  ['169.254.169.254', false],
  ['fe80::1', false],
])('where loopback is allowed, %s is allowed: %s', (address, allowed) =>
  expect(isAllowedAddress(address, true)).toBe(allowed),
);
