import type { ApiKey } from '@labelfleet/contracts';
import { createHash } from 'node:crypto';

/** A key, and the header of a request that carries it. */
export function testKey(overrides: Partial<ApiKey> = {}, secret = 'a_secret-of-the-test') {
  const key: ApiKey = {
    id: 'k1k1',
    sha256: createHash('sha256').update(secret).digest('hex'),
    caller: 'shop',
    ...overrides,
  };
  return { key, headers: { authorization: `Bearer lf_${key.id}_${secret}` } };
}
