export interface StoredObject {
  body: Uint8Array;
  etag: string;
  contentType: string | undefined;
  metadata: Readonly<Record<string, string>>;
}

/** An object as a listing shows it. */
export interface ListedObject {
  key: string;
  /** Bytes. */
  size: number;
  etag: string;
}

/** Part of an object, and the size of the whole. `changed`: its ETag is not the expected one. */
export type RangeOutcome =
  { kind: 'range'; body: Uint8Array; size: number } | { kind: 'missing' } | { kind: 'changed' };

export type ObjectHead = Omit<StoredObject, 'body'> & { size: number };

export interface PutOptions {
  contentType: string;
  /** Values must be ASCII; the caller encodes others. */
  metadata?: Readonly<Record<string, string>>;
  /** `absent`: write only if the object does not exist. `{ etag }`: write only if its ETag is still this one. */
  onlyIf?: 'absent' | { etag: string };
}

/** `condition-failed`: `onlyIf` was not met (HTTP 412), and nothing was written. */
export type PutOutcome = { kind: 'stored'; etag: string } | { kind: 'condition-failed' };

/**
 * One bucket. Every method rejects with an `AwsCallError` on a failure that is not one of its outcomes;
 * `isTransient` in ./errors says whether a retry may succeed.
 */
export interface ObjectStore {
  readonly bucket: string;
  /**
   * The object is durable when the promise resolves. A conditional put rejects as transient on HTTP 409 (another
   * conditional write is in progress). Because the SDK retries, `condition-failed` can mean that this write
   * succeeded on an earlier try, so the caller must read the stored object.
   */
  put(key: string, body: Uint8Array | string, options: PutOptions): Promise<PutOutcome>;
  /** Null: the object does not exist. */
  get(key: string, signal?: AbortSignal): Promise<StoredObject | null>;
  /** An object of at most `mostBytes`; of a larger one nothing is read. Null: the object does not exist. */
  getWithin(
    key: string,
    mostBytes: number,
    signal?: AbortSignal,
  ): Promise<StoredObject | 'too-large' | null>;
  /** The first bytes of an object, at most `limit` (1 or more). Null: the object does not exist. */
  getStart(key: string, limit: number, signal?: AbortSignal): Promise<StoredObject | null>;
  /** Null: the object does not exist. */
  head(key: string): Promise<ObjectHead | null>;
  /**
   * The keys that begin with the prefix and sort after `after`, in order, at most `limit` (1 to 1000). Fewer than
   * `limit`: there are no others.
   */
  list(prefix: string, limit: number, after?: string): Promise<string[]>;
  /** Like `list`, with size and ETag of each object. Keys of any characters are allowed. */
  listObjects(prefix: string, limit: number, after?: string): Promise<ListedObject[]>;
  /**
   * At most `limit` bytes (1 or more) from `start` on, which must be before the end of the object.
   * @param etag the object must still have it
   */
  getRange(
    key: string,
    range: { start: number; limit: number; etag: string },
  ): Promise<RangeOutcome>;
  /** Deletes the object if it exists. */
  delete(key: string): Promise<void>;
  /** Resolves when the bucket exists and this process may use it. */
  check(): Promise<void>;
}
