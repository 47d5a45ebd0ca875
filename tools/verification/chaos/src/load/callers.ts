import { encodeApiKeys } from '@labelfleet/contracts';
import { createHash } from 'node:crypto';

/** An API key, as its caller has it. */
export interface Credentials {
  caller: string;
  /** Id of the key. */
  key: string;
  headers: { authorization: string };
}

const secretOf = (key: string) => `secret-of-${key}`;

const credentials = (caller: string, key: string): Credentials => ({
  caller,
  key,
  headers: { authorization: `Bearer lf_${key}_${secretOf(key)}` },
});

export const SHOP = credentials('shop', 'shop1');
export const PRESS = credentials('press', 'press1');
/** A second key of a caller, revoked in the middle of the run. */
export const REVOKED = credentials('shop', 'shop2');

/** The text of API_KEYS_FILE. */
export const keysFile = (...keys: readonly Credentials[]): string =>
  encodeApiKeys(
    keys.map(({ caller, key }) => ({
      id: key,
      caller,
      sha256: createHash('sha256').update(secretOf(key)).digest('hex'),
    })),
  );
