export interface StoredObject {
  body: Uint8Array;
  etag: string;
  contentType: string | undefined;
  metadata: Readonly<Record<string, string>>;
}

export type ObjectHead = Omit<StoredObject, 'body'> & { size: number };

export interface PutOptions {
  contentType: string;
  /** ASCII values only: the caller encodes what is not. */
  metadata?: Readonly<Record<string, string>>;
  /** `absent`: only if there is no such object. `{ etag }`: only if it is still that one. */
  onlyIf?: 'absent' | { etag: string };
}

/** `condition-failed`: `onlyIf` does not hold (S3's 412), nothing was written. */
export type PutOutcome = { kind: 'stored'; etag: string } | { kind: 'condition-failed' };

/**
 * One bucket. Every method rejects with an `AwsCallError` when the call failed for another reason than
 * the outcomes named here; `isTransient` in ./errors tells whether to try again.
 */
export interface ObjectStore {
  readonly bucket: string;
  /**
   * Durable once resolved. A conditional put that S3 answers with 409 (another conditional write is under
   * way) rejects as transient. A retry hidden in the SDK can make a put meet itself: `condition-failed` may
   * mean that this very write took effect, so its caller reads back what stands.
   */
  put(key: string, body: Uint8Array | string, options: PutOptions): Promise<PutOutcome>;
  /** Null: no such object. */
  get(key: string, signal?: AbortSignal): Promise<StoredObject | null>;
  /** Null: no such object. */
  head(key: string): Promise<ObjectHead | null>;
  /** The keys that begin with the prefix and sort behind `after`, in order, at most `limit` (1 to 1000). */
  list(prefix: string, limit: number, after?: string): Promise<string[]>;
  /** Resolves when the bucket is there and may be used. */
  check(): Promise<void>;
}
