import { createHash } from 'node:crypto';
import { AwsCallError } from '../errors.ts';
import type { S3Connection } from '../store/connect-s3.ts';
import type {
  ListedObject,
  ObjectHead,
  ObjectStore,
  PutOptions,
  PutOutcome,
  RangeOutcome,
  StoredObject,
} from '../store/object-store.ts';
import { noHook, type CallHook } from './call-hook.ts';

export interface FakeS3 extends S3Connection {
  createBucket(bucket: string): void;
}

/** S3 in memory. */
export function fakeS3(options: { beforeCall?: CallHook } = {}): FakeS3 {
  const buckets = new Map<string, Map<string, StoredObject>>();
  return {
    createBucket: (bucket) =>
      void buckets.set(bucket, buckets.get(bucket) ?? new Map<string, StoredObject>()),
    store: (bucket) => new FakeStore(bucket, buckets, options.beforeCall ?? noHook),
    close: () => undefined,
  };
}

class FakeStore implements ObjectStore {
  readonly bucket: string;
  readonly #buckets: ReadonlyMap<string, Map<string, StoredObject>>;
  readonly #beforeCall: CallHook;

  constructor(
    bucket: string,
    buckets: ReadonlyMap<string, Map<string, StoredObject>>,
    beforeCall: CallHook,
  ) {
    this.bucket = bucket;
    this.#buckets = buckets;
    this.#beforeCall = beforeCall;
  }

  async put(key: string, body: Uint8Array | string, options: PutOptions): Promise<PutOutcome> {
    const objects = await this.#call('PutObject', key);
    const present = objects.get(key);
    const holds =
      options.onlyIf === undefined ||
      (options.onlyIf === 'absent' ? present === undefined : present?.etag === options.onlyIf.etag);
    if (!holds) return { kind: 'condition-failed' };
    const bytes = new Uint8Array(Buffer.from(body));
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
    const { contentType, metadata = {} } = options;
    objects.set(key, { body: bytes, etag, contentType, metadata: { ...metadata } });
    return { kind: 'stored', etag };
  }

  async get(key: string, signal?: AbortSignal): Promise<StoredObject | null> {
    signal?.throwIfAborted();
    const objects = await this.#call('GetObject', key);
    signal?.throwIfAborted();
    return objects.get(key) ?? null;
  }

  async getWithin(key: string, mostBytes: number, signal?: AbortSignal) {
    const object = await this.get(key, signal);
    return object !== null && object.body.byteLength > mostBytes ? 'too-large' : object;
  }

  async getStart(key: string, limit: number, signal?: AbortSignal): Promise<StoredObject | null> {
    const object = await this.get(key, signal);
    return object && { ...object, body: object.body.subarray(0, limit) };
  }

  async head(key: string): Promise<ObjectHead | null> {
    const object = (await this.#call('HeadObject', key)).get(key);
    if (object === undefined) return null;
    const { body, ...head } = object;
    return { ...head, size: body.byteLength };
  }

  async list(prefix: string, limit: number, after = ''): Promise<string[]> {
    return (await this.listObjects(prefix, limit, after)).map(({ key }) => key);
  }

  async listObjects(prefix: string, limit: number, after = ''): Promise<ListedObject[]> {
    const objects = await this.#call('ListObjectsV2', prefix);
    return [...objects]
      .filter(
        ([key]) =>
          key.startsWith(prefix) && Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0,
      )
      .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      .slice(0, limit)
      .map(([key, { body, etag }]) => ({ key, size: body.byteLength, etag }));
  }

  async getRange(
    key: string,
    { start, limit, etag }: { start: number; limit: number; etag: string },
  ): Promise<RangeOutcome> {
    const object = (await this.#call('GetObject', key)).get(key);
    if (object === undefined) return { kind: 'missing' };
    if (object.etag !== etag) return { kind: 'changed' };
    const body = object.body.subarray(start, start + limit);
    return { kind: 'range', body, size: object.body.byteLength };
  }

  async delete(key: string): Promise<void> {
    (await this.#call('DeleteObject', key)).delete(key);
  }

  async check(): Promise<void> {
    await this.#call('HeadBucket', '');
  }

  async #call(operation: string, key: string): Promise<Map<string, StoredObject>> {
    await this.#beforeCall(operation, key);
    const objects = this.#buckets.get(this.bucket);
    if (objects !== undefined) return objects;
    throw new AwsCallError(operation, {
      code: 'NoSuchBucket',
      message: 'The specified bucket does not exist',
      statusCode: 404,
    });
  }
}
