import { expect, test } from 'vitest';
import { parseNetworks, seeClient, type ProxySettings } from './client-view.ts';

const networks = (text: string) => {
  const parsed = parseNetworks(text);
  if ('wrong' in parsed) throw new Error(parsed.wrong);
  return parsed.value;
};
const trusted = networks('10.0.0.0/8, 127.0.0.1, fd00::/8');
const NO_URL = { trusted, publicUrl: undefined };

const see = (peer: string, headers: Record<string, string>, settings: ProxySettings = NO_URL) =>
  seeClient(peer, (name) => headers[name], settings);

const FOR = 'x-forwarded-for';
test.each<[string, string, Record<string, string>, string]>([
  ['no proxy', '192.0.2.1', {}, '192.0.2.1'],
  ['a client that pretends', '192.0.2.1', { [FOR]: '1.1.1.1' }, '192.0.2.1'],
  ['one proxy', '10.0.0.1', { [FOR]: '192.0.2.1' }, '192.0.2.1'],
  ['a proxy seen as mapped IPv6', '::ffff:10.0.0.1', { [FOR]: '192.0.2.1' }, '192.0.2.1'],
  ['two proxies', '10.0.0.1', { [FOR]: '192.0.2.1, 10.9.9.9' }, '192.0.2.1'],
  [
    'a client behind a proxy that pretends',
    '10.0.0.1',
    { [FOR]: '1.1.1.1, 192.0.2.1' },
    '192.0.2.1',
  ],
  ['ports', '10.0.0.1', { [FOR]: '192.0.2.1:4711' }, '192.0.2.1'],
  ['IPv6 with a port', 'fd00::1', { [FOR]: '[2001:db8::1]:4711' }, '2001:db8::1'],
  ['IPv6', 'fd00::1', { [FOR]: '2001:db8::1' }, '2001:db8::1'],
  ['a proxy that says nothing', '10.0.0.1', {}, '10.0.0.1'],
  ['no address', '10.0.0.1', { [FOR]: 'unknown' }, '10.0.0.1'],
  // The examples of RFC 7239, section 4.
  [
    'Forwarded',
    '10.0.0.1',
    { forwarded: 'for=192.0.2.60;proto=http;by=203.0.113.43' },
    '192.0.2.60',
  ],
  ['Forwarded twice', '10.0.0.1', { forwarded: 'for=192.0.2.43, for=10.2.3.4' }, '192.0.2.43'],
  [
    'Forwarded IPv6',
    '10.0.0.1',
    { forwarded: 'For="[2001:db8:cafe::17]:4711"' },
    '2001:db8:cafe::17',
  ],
  ['a hidden client', '10.0.0.1', { forwarded: 'for="_gazonk"' }, '10.0.0.1'],
  ['both headers', '10.0.0.1', { forwarded: 'for=1.1.1.1', [FOR]: '192.0.2.1' }, '192.0.2.1'],
])('the client of %s (%s, %j) is %s', (_case, peer, headers, address) => {
  expect(see(peer, headers).address).toBe(address);
});

const PREFIX = 'x-forwarded-prefix';
test.each<[string, string, Record<string, string>, string | undefined, string]>([
  ['no prefix', '10.0.0.1', {}, undefined, ''],
  ['a prefix', '10.0.0.1', { [PREFIX]: '/labels' }, undefined, '/labels'],
  ['a prefix with a slash', '10.0.0.1', { [PREFIX]: '/a/labels/' }, undefined, '/a/labels'],
  ['a prefix of anybody', '192.0.2.1', { [PREFIX]: '/labels' }, undefined, ''],
  ['a prefix that is another host', '10.0.0.1', { [PREFIX]: '//evil.example' }, undefined, ''],
  ['PUBLIC_URL', '192.0.2.1', {}, 'https://labels.example/v2/', '/v2'],
  ['PUBLIC_URL and a prefix', '10.0.0.1', { [PREFIX]: '/a' }, 'https://labels.example', ''],
])('%s', (_case, peer, headers, url, basePath) => {
  const publicUrl = url === undefined ? undefined : new URL(url);
  expect(see(peer, headers, { trusted, publicUrl }).basePath).toBe(basePath);
});

test('only a trusted proxy says which host was called', () => {
  const headers = { 'x-forwarded-host': 'labels.example' };
  expect(see('10.0.0.1', headers).forwardedHost).toBe('labels.example');
  expect(see('10.0.0.1', { forwarded: 'host=a.example' }).forwardedHost).toBe('a.example');
  expect(see('192.0.2.1', headers).forwardedHost).toBeUndefined();
});

test.each(['10.0.0.0/33', 'nginx', '10.0.0.0/8/8', '10.0.0.1,', '::1/129', '10.0.0.0/x'])(
  '%s is no list of networks',
  (text) => {
    expect(parseNetworks(text)).toHaveProperty('wrong');
  },
);
