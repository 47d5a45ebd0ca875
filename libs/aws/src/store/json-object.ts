import type { ObjectStore, PutOutcome } from './object-store.ts';

/** Converts between a value and its JSON text. `decode` never throws. */
export interface JsonCodec<T> {
  encode(value: T): string;
  decode(text: string): { kind: 'decoded'; value: T } | { kind: 'malformed'; reason: string };
}

export interface StoredJson<T> {
  value: T;
  etag: string;
}

/** An object exists but its content does not have the expected form, for example because a later version wrote it. */
export class MalformedObjectError extends Error {
  override readonly name = 'MalformedObjectError';
  readonly key: string;
  readonly reason: string;

  constructor(key: string, reason: string) {
    super(`The object ${key} is malformed: ${reason}`);
    this.key = key;
    this.reason = reason;
  }
}

const JSON_TYPE = { contentType: 'application/json' };

export type JsonRead<T> =
  | ({ kind: 'decoded' } & StoredJson<T>)
  | { kind: 'malformed'; reason: string }
  | { kind: 'absent' };

/** Reads a JSON object whose content may be malformed. */
export async function tryReadJson<T>(
  bucket: Pick<ObjectStore, 'get'>,
  key: string,
  codec: Pick<JsonCodec<T>, 'decode'>,
): Promise<JsonRead<T>> {
  const object = await bucket.get(key);
  if (object === null) return { kind: 'absent' };
  const decoded = codec.decode(new TextDecoder().decode(object.body));
  return decoded.kind === 'decoded' ? { ...decoded, etag: object.etag } : decoded;
}

/**
 * Reads a JSON object; undefined if it does not exist.
 * @throws MalformedObjectError if its content does not have the expected form
 */
export async function readJson<T>(
  bucket: Pick<ObjectStore, 'get'>,
  key: string,
  codec: Pick<JsonCodec<T>, 'decode'>,
): Promise<StoredJson<T> | undefined> {
  const read = await tryReadJson(bucket, key, codec);
  if (read.kind === 'malformed') throw new MalformedObjectError(key, read.reason);
  return read.kind === 'absent' ? undefined : { value: read.value, etag: read.etag };
}

/** Writes a JSON object without a condition. */
export async function writeJson<T>(
  bucket: Pick<ObjectStore, 'put'>,
  key: string,
  value: T,
  codec: Pick<JsonCodec<T>, 'encode'>,
): Promise<void> {
  await bucket.put(key, codec.encode(value), JSON_TYPE);
}

/**
 * Writes a JSON object if it does not exist, or if its ETag is still the given one. `condition-failed` can also mean
 * that this write succeeded and the SDK repeated it, so the caller must read the object.
 */
export function compareAndSetJson<T>(
  bucket: Pick<ObjectStore, 'put'>,
  key: string,
  value: T,
  codec: Pick<JsonCodec<T>, 'encode'>,
  onlyIf: 'absent' | { etag: string },
): Promise<PutOutcome> {
  return bucket.put(key, codec.encode(value), { ...JSON_TYPE, onlyIf });
}

/**
 * Writes a JSON object unless it exists. Resolves with the stored value, which may be another writer's.
 * @throws MalformedObjectError if the stored object does not have the expected form
 */
export async function writeJsonOnce<T>(
  bucket: Pick<ObjectStore, 'get' | 'put'>,
  key: string,
  value: T,
  codec: JsonCodec<T>,
): Promise<T> {
  const outcome = await bucket.put(key, codec.encode(value), { ...JSON_TYPE, onlyIf: 'absent' });
  if (outcome.kind === 'stored') return value;
  const stored = await readJson(bucket, key, codec);
  if (stored === undefined) {
    throw new Error(
      `The object ${key} existed but was deleted before it could be read. Try again.`,
    );
  }
  return stored.value;
}
