import { expect, test } from 'vitest';
import { guardAnonymous } from './guard-anonymous.ts';

const HOST = '127.0.0.1:8080';
const OWN = `http://${HOST}`;
const FRIEND = 'https://friend.example';

interface Row {
  method?: string;
  forwardedHost?: string;
  onLoopback?: boolean;
  headers: Record<string, string>;
}

const codeOf = ({ method = 'POST', forwardedHost, onLoopback = true, headers }: Row) =>
  guardAnonymous(
    { method, header: (name) => headers[name], forwardedHost },
    {
      onLoopback,
      publicHost: 'labels.example',
      isAllowedOrigin: (origin) => origin === FRIEND,
    },
  )?.code;

const SITE = 'sec-fetch-site';
test.each<[string, Row]>([
  ['a program', { headers: { host: HOST } }],
  ['an HTTP/1.0 client', { headers: {} }],
  ['localhost', { headers: { host: 'localhost:8080' } }],
  ['a name under localhost', { headers: { host: 'app.localhost' } }],
  ['IPv6', { headers: { host: '[::1]:8080' } }],
  [
    'the name of PUBLIC_URL',
    { headers: { host: 'labels.example', origin: 'https://labels.example' } },
  ],
  ['another name where the network is meant', { onLoopback: false, headers: { host: 'lan:8080' } }],
  ['its own page', { headers: { host: HOST, origin: OWN, [SITE]: 'same-origin' } }],
  ['its own page in an old browser', { headers: { host: HOST, origin: OWN } }],
  ['its own page behind a proxy', { headers: { host: HOST, origin: 'https://labels.example' } }],
  [
    'its own page behind a trusted proxy',
    { forwardedHost: 'other.example', headers: { host: HOST, origin: 'https://other.example' } },
  ],
  ['a page that may', { headers: { host: HOST, origin: FRIEND, [SITE]: 'cross-site' } }],
  [
    'a foreign page that reads',
    { method: 'GET', headers: { host: HOST, origin: 'https://evil.example' } },
  ],
])('lets in %s', (_case, row) => {
  expect(codeOf(row)).toBeUndefined();
});

test.each<[string, Row]>([
  [
    'a foreign page',
    { headers: { host: HOST, origin: 'https://evil.example', [SITE]: 'cross-site' } },
  ],
  ['a foreign page in an old browser', { headers: { host: HOST, origin: 'https://evil.example' } }],
  ['a foreign form', { headers: { host: HOST, [SITE]: 'cross-site' } }],
  ['a page without an origin', { headers: { host: HOST, origin: 'null' } }],
  [
    'a page of another port',
    { headers: { host: HOST, origin: 'http://127.0.0.1:3000', [SITE]: 'same-site' } },
  ],
  ['a foreign name for this machine', { headers: { host: 'evil.example:8080' } }],
  ['a foreign name that ends like ours', { headers: { host: '127.0.0.1.evil.example' } }],
  [
    'a foreign name that reads',
    { method: 'GET', headers: { host: 'evil.example', origin: 'http://evil.example' } },
  ],
])('refuses %s', (_case, row) => {
  expect(codeOf(row)).toBe('forbidden');
});
