import * as z from 'zod';
import { requestOptionsSchema } from '../request/request-options.ts';

/** Two, so that a caller can change to a new key while the old one still works. */
export const LIVE_KEYS_PER_CALLER = 2;

export const callerSchema = requestOptionsSchema.shape.caller.unwrap();

/** Unknown fields are faults: a misspelled limit would be no limit. */
export const apiKeySchema = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9]{4,32}$/, 'must be 4 to 32 letters and digits'),
  /** Hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be the SHA-256 of the secret, 64 hex digits'),
  /** Who uses the key. Callers see only their own requests. */
  caller: callerSchema,
  imagesPerMinute: z.int().min(1).optional(),
  /** Days are those of UTC. */
  imagesPerDay: z.int().min(1).optional(),
  dailyBudgetUsd: z.number().positive().optional(),
  expiresAt: z.iso.datetime({ offset: true }).optional(),
});
export type ApiKey = z.infer<typeof apiKeySchema>;

const fileSchema = z.strictObject({ keys: z.array(apiKeySchema) });

export const encodeApiKeys = (keys: readonly ApiKey[]): string =>
  `${JSON.stringify({ keys }, null, 2)}\n`;

/** @param now Unix milliseconds */
export const isExpired = ({ expiresAt }: Pick<ApiKey, 'expiresAt'>, now: number): boolean =>
  expiresAt !== undefined && Date.parse(expiresAt) <= now;

/**
 * Reads the text of a file of API keys.
 * @param now Unix milliseconds
 * @returns every fault, each with its place in the file
 */
export function decodeApiKeys(
  text: string,
  now: number,
): { kind: 'keys'; keys: ApiKey[] } | { kind: 'faulty'; faults: string[] } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { kind: 'faulty', faults: [`not JSON: ${(error as Error).message}`] };
  }
  const parsed = fileSchema.safeParse(json);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `${placeOf(path)}${message}`);
    return { kind: 'faulty', faults };
  }
  const { keys } = parsed.data;
  const faults = [...repeatedIds(keys), ...tooManyLive(keys, now)];
  return faults.length > 0 ? { kind: 'faulty', faults } : { kind: 'keys', keys };
}

/** For example `keys[0].caller: `. */
const placeOf = (path: readonly PropertyKey[]): string =>
  path.length === 0
    ? ''
    : `${path.map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at > 0 ? '.' : ''}${String(part)}`)).join('')}: `;

function repeatedIds(keys: readonly ApiKey[]): string[] {
  const ids = keys.map(({ id }) => id);
  const repeated = new Set(ids.filter((id, at) => ids.indexOf(id) !== at));
  return [...repeated].map((id) => `two keys have the id ${id}`);
}

function tooManyLive(keys: readonly ApiKey[], now: number): string[] {
  const live = Map.groupBy(
    keys.filter((key) => !isExpired(key, now)),
    ({ caller }) => caller,
  );
  return [...live]
    .filter(([, of]) => of.length > LIVE_KEYS_PER_CALLER)
    .map(
      ([caller, of]) =>
        `${caller} has ${of.length} live keys; a caller may have ${LIVE_KEYS_PER_CALLER}`,
    );
}
