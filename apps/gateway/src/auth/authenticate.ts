import { isExpired, type ApiKey } from '@labelfleet/contracts';
import { createHash, timingSafeEqual } from 'node:crypto';
import { refuse, type Refusal } from '../http/problem.ts';

export type Authentication = { kind: 'known'; key: ApiKey } | Refusal;

/** `lf_<id>_<secret>`; only the secret may contain `_`. */
const CREDENTIALS = /^Bearer +lf_([A-Za-z0-9]{4,32})_([A-Za-z0-9_-]{1,128})$/i;

/** No secret has this hash, and comparing with it takes as long as with another. */
const NO_HASH = '0'.repeat(64);

/**
 * Finds the key of an Authorization header.
 * @param keys by id
 * @param now Unix milliseconds
 */
export function authenticate(
  authorization: string | undefined,
  keys: ReadonlyMap<string, ApiKey>,
  now: number,
): Authentication {
  if (authorization === undefined)
    return unauthorized(
      'This gateway needs an API key. Send the header Authorization: Bearer <key>.',
      'Bearer',
    );
  const [, id = '', secret = ''] = CREDENTIALS.exec(authorization) ?? [];
  const key = keys.get(id);
  const isRight = timingSafeEqual(
    createHash('sha256').update(secret).digest(),
    Buffer.from(key?.sha256 ?? NO_HASH, 'hex'),
  );
  if (key === undefined || !isRight)
    return unauthorized(
      'The API key is not valid. Send Authorization: Bearer lf_<id>_<secret>, as it was given to you.',
    );
  return isExpired(key, now)
    ? unauthorized(
        `The API key ${key.id} expired at ${key.expiresAt}. Ask the operator for a new one.`,
      )
    : { kind: 'known', key };
}

const unauthorized = (detail: string, challenge = 'Bearer error="invalid_token"') =>
  refuse('unauthorized', detail, { 'www-authenticate': challenge });
