import { expect, test } from 'vitest';
import { testKey } from '../testing/api-keys.ts';
import { authenticate } from './authenticate.ts';

const NOW = Date.parse('2026-11-26T12:00:00Z');
const { key, headers } = testKey({ expiresAt: '2026-11-26T12:00:01Z' });
const keys = new Map([[key.id, key]]);

test('a key is known by id and secret until it expires', () => {
  expect(authenticate(headers.authorization, keys, NOW)).toEqual({ kind: 'known', key });
  const lower = headers.authorization.replace('Bearer', 'bearer');
  expect(authenticate(lower, keys, NOW)).toEqual({ kind: 'known', key });
  expect(authenticate(headers.authorization, keys, NOW + 1_000)).toMatchObject({
    code: 'unauthorized',
    detail: expect.stringContaining('expired at 2026-11-26T12:00:01Z') as string,
  });
});

test.each([
  ['no header', undefined, 'Bearer'],
  ['another secret', 'Bearer lf_k1k1_another', 'Bearer error="invalid_token"'],
  ['no secret', 'Bearer lf_k1k1_', 'Bearer error="invalid_token"'],
  ['an unknown id', headers.authorization.replace('k1k1', 'k2k2'), 'Bearer error="invalid_token"'],
  ['the hash as the secret', `Bearer lf_k1k1_${key.sha256}`, 'Bearer error="invalid_token"'],
  ['another scheme', 'Basic bGY6eA==', 'Bearer error="invalid_token"'],
  ['an empty header', '', 'Bearer error="invalid_token"'],
])('%s is refused', (_case, authorization, challenge) => {
  expect(authenticate(authorization, keys, NOW)).toMatchObject({
    code: 'unauthorized',
    headers: { 'www-authenticate': challenge },
  });
});
