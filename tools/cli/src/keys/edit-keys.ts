import { isExpired, LIVE_KEYS_PER_CALLER, type ApiKey } from '@labelfleet/contracts';
import { EXIT, StartError } from '@labelfleet/runtime';
import { createHash } from 'node:crypto';

export type Limits = Omit<ApiKey, 'id' | 'sha256' | 'caller'>;

const ID_BYTES = 5;
const SECRET_BYTES = 32;

/** Makes a key of which only the hash is stored; `bearer` is what the caller sends. */
export function makeKey(
  settings: Limits & Pick<ApiKey, 'caller'>,
  randomBytes: (count: number) => Buffer,
): { key: ApiKey; bearer: string } {
  const id = randomBytes(ID_BYTES).toString('hex');
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  const sha256 = createHash('sha256').update(secret).digest('hex');
  return { key: { id, sha256, ...settings }, bearer: `lf_${id}_${secret}` };
}

/** @throws StartError if the caller has two live keys already */
export function addKey(keys: readonly ApiKey[], key: ApiKey, now: number): ApiKey[] {
  const { caller } = key;
  const live = keys.filter((each) => each.caller === caller && !isExpired(each, now));
  if (live.length >= LIVE_KEYS_PER_CALLER)
    throw new StartError(
      `${caller} has ${live.length} keys already: ${live.map(({ id }) => id).join(' and ')}. Revoke one first: npm run keys -- revoke ID`,
      EXIT.usage,
    );
  return [...keys, key];
}

/** @throws StartError if there is no such key */
export function revokeKey(keys: readonly ApiKey[], id: string): ApiKey[] {
  const left = keys.filter((key) => key.id !== id);
  if (left.length < keys.length) return left;
  const known = keys.map((key) => key.id).join(', ');
  throw new StartError(
    `No key has the id ${id}. ${known === '' ? 'The file has no keys.' : `The ids are ${known}.`}`,
    EXIT.usage,
  );
}

/** A line for each key: id, caller, limits, expiry. */
export function listKeys(keys: readonly ApiKey[], now: number): string {
  return keys
    .map((key) => [key.id, key.caller, limitsText(key), expiryText(key, now)].join('\t') + '\n')
    .join('');
}

function limitsText({ imagesPerMinute, imagesPerDay, dailyBudgetUsd }: ApiKey): string {
  const limits = [
    imagesPerMinute === undefined ? [] : `${imagesPerMinute} images a minute`,
    imagesPerDay === undefined ? [] : `${imagesPerDay} images a day`,
    dailyBudgetUsd === undefined ? [] : `${dailyBudgetUsd} USD a day`,
  ].flat();
  return limits.length === 0 ? 'no limits' : limits.join(', ');
}

function expiryText(key: ApiKey, now: number): string {
  if (key.expiresAt === undefined) return 'does not expire';
  return `${isExpired(key, now) ? 'expired' : 'expires'} ${key.expiresAt}`;
}
