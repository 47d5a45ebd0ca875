import { expect, test } from 'vitest';

import { refusalOf } from './guard.ts';

test.each([
  ['a client', { host: '127.0.0.1:4566' }],
  ['a client that calls it localhost', { host: 'localhost:4566' }],
  ['a client by IPv6', { host: '[::1]:4566' }],
  [
    'a form on a page of the local cloud',
    { host: '127.0.0.1:4566', origin: 'http://127.0.0.1:4566' },
  ],
])('accepts %s', (_who, headers) => {
  expect(refusalOf(headers)).toBeNull();
});

test.each([
  ['a page elsewhere', { host: '127.0.0.1:4566', origin: 'https://example.com' }],
  ['a page at another port', { host: '127.0.0.1:4566', origin: 'http://127.0.0.1:3000' }],
  ['a page that does not say where it is from', { host: '127.0.0.1:4566', origin: 'null' }],
  ['a page whose name was let point here', { host: 'rebound.example.com:4566' }],
  ['the same, with its origin', { host: 'a.example:4566', origin: 'http://a.example:4566' }],
  ['a name that only looks like this machine', { host: '127.0.0.1.example.com' }],
  ['nobody', {}],
])('refuses %s', (_who, headers) => {
  expect(refusalOf(headers)).toMatch(/not this machine|may not call/);
});
