import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type GetObjectCommandOutput,
  type HeadObjectCommandOutput,
  type ListObjectsV2CommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Readable } from 'node:stream';
import { callWithin } from '../call-limit.ts';
import type { DirectS3 } from '../direct/direct-s3.ts';
import { CONDITION_FAILED_CODES, hasCode, OBJECT_MISSING_CODES, required } from '../errors.ts';
import type {
  ListedObject,
  ObjectHead,
  ObjectStore,
  PutOptions,
  PutOutcome,
  RangeOutcome,
  StoredObject,
} from './object-store.ts';

/** Options of the SDK for one call. */
interface Sending {
  abortSignal?: AbortSignal;
}

interface GetInput {
  Key: string;
  Range?: string;
}

/** One S3 bucket. */
export class S3Store implements ObjectStore {
  readonly bucket: string;
  readonly #client: S3Client;
  readonly #direct: Pick<DirectS3, 'get' | 'put'>;
  readonly #limitMs: number | undefined;

  /** @param deps `limitMs`: the longest that a call may take */
  constructor(
    bucket: string,
    deps: {
      client: S3Client;
      direct: Pick<DirectS3, 'get' | 'put'>;
      limitMs: number | undefined;
    },
  ) {
    this.bucket = bucket;
    this.#client = deps.client;
    this.#direct = deps.direct;
    this.#limitMs = deps.limitMs;
  }

  async put(key: string, body: Uint8Array | string, options: PutOptions): Promise<PutOutcome> {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    try {
      return await this.#call('PutObject', async (sending) => {
        const { abortSignal } = sending;
        const outcome = await this.#direct.put(this.bucket, key, bytes, options, abortSignal);
        return outcome ?? (await this.#putBySdk(key, bytes, options, sending));
      });
    } catch (error) {
      // S3 answers 404 to If-Match when the object does not exist.
      const failed =
        hasCode(error, CONDITION_FAILED_CODES) ||
        (options.onlyIf !== undefined && hasCode(error, OBJECT_MISSING_CODES));
      if (failed) return { kind: 'condition-failed' };
      throw error;
    }
  }

  async #putBySdk(
    key: string,
    body: Uint8Array,
    { contentType, metadata, onlyIf }: PutOptions,
    sending: Sending,
  ): Promise<PutOutcome> {
    const command = new PutObjectCommand({
      Bucket: this.bucket,
      Key: key,
      Body: body,
      ContentType: contentType,
      Metadata: { ...metadata },
      ...conditionHeaders(onlyIf),
    });
    const { ETag } = await this.#client.send(command, sending);
    return { kind: 'stored', etag: required('PutObject', 'ETag', ETag) };
  }

  async get(key: string, signal?: AbortSignal): Promise<StoredObject | null> {
    return whole(await this.#get({ Key: key }, signal));
  }

  getWithin(key: string, mostBytes: number, signal?: AbortSignal) {
    return this.#get({ Key: key }, signal, mostBytes);
  }

  async getStart(key: string, limit: number, signal?: AbortSignal): Promise<StoredObject | null> {
    return whole(await this.#get({ Key: key, Range: `bytes=0-${limit - 1}` }, signal));
  }

  async #get(
    input: GetInput,
    signal: AbortSignal | undefined,
    mostBytes?: number,
  ): Promise<StoredObject | 'too-large' | null> {
    signal?.throwIfAborted();
    try {
      return await this.#call(
        'GetObject',
        async (sending) => {
          const { Key, Range } = input;
          const object =
            Range === undefined
              ? await this.#direct.get(this.bucket, Key, sending.abortSignal, mostBytes)
              : undefined;
          return object === undefined ? await this.#getBySdk(input, sending, mostBytes) : object;
        },
        signal,
      );
    } catch (error) {
      signal?.throwIfAborted();
      if (hasCode(error, OBJECT_MISSING_CODES)) return null;
      throw error;
    }
  }

  async #getBySdk(
    input: GetInput,
    sending: Sending,
    mostBytes = Infinity,
  ): Promise<StoredObject | 'too-large'> {
    const operation = 'GetObject';
    const command = new GetObjectCommand({ Bucket: this.bucket, ...input });
    const answer = await this.#client.send(command, sending);
    const stream = required(operation, 'body', answer.Body);
    if ((answer.ContentLength ?? 0) > mostBytes) {
      (stream as Readable).destroy();
      return 'too-large';
    }
    return { body: await stream.transformToByteArray(), ...description(operation, answer) };
  }

  async head(key: string): Promise<ObjectHead | null> {
    const operation = 'HeadObject';
    try {
      const answer = await this.#call(operation, (options) =>
        this.#client.send(new HeadObjectCommand({ Bucket: this.bucket, Key: key }), options),
      );
      return {
        size: required(operation, 'ContentLength', answer.ContentLength),
        ...description(operation, answer),
      };
    } catch (error) {
      if (hasCode(error, OBJECT_MISSING_CODES)) return null;
      throw error;
    }
  }

  async list(prefix: string, limit: number, after = ''): Promise<string[]> {
    const objects = await this.listObjects(prefix, limit, after);
    return objects.map(({ key }) => key);
  }

  async listObjects(prefix: string, limit: number, after = ''): Promise<ListedObject[]> {
    const objects: ListedObject[] = [];
    // S3 may answer with fewer keys than it has, so only IsTruncated says that these are all.
    for (let token: string | undefined; ;) {
      const answer = await this.#listCall(prefix, limit - objects.length, after, token);
      objects.push(...answer.objects);
      token = answer.next;
      if (token === undefined || objects.length >= limit) return objects;
    }
  }

  async #listCall(prefix: string, limit: number, after: string, token: string | undefined) {
    const operation = 'ListObjectsV2';
    const command = new ListObjectsV2Command({
      Bucket: this.bucket,
      Prefix: prefix,
      MaxKeys: limit,
      // Without it a key with a character that XML 1.0 does not allow makes the answer unreadable.
      EncodingType: 'url',
      ...(after !== '' && { StartAfter: after }),
      ...(token !== undefined && { ContinuationToken: token }),
    });
    const {
      Contents = [],
      IsTruncated,
      NextContinuationToken,
    }: ListObjectsV2CommandOutput = await this.#call(operation, (options) =>
      this.#client.send(command, options),
    );
    const next =
      IsTruncated === true
        ? required(operation, 'NextContinuationToken', NextContinuationToken)
        : undefined;
    const objects = Contents.map(({ Key, Size, ETag }) => ({
      key: decodeKey(required(operation, 'Key', Key)),
      size: required(operation, 'Size', Size),
      etag: required(operation, 'ETag', ETag),
    }));
    return { objects, next };
  }

  async getRange(
    key: string,
    { start, limit, etag }: { start: number; limit: number; etag: string },
  ): Promise<RangeOutcome> {
    const operation = 'GetObject';
    const command = new GetObjectCommand({
      Bucket: this.bucket,
      Key: key,
      Range: `bytes=${start}-${start + limit - 1}`,
      IfMatch: etag,
    });
    try {
      const { Body, ContentRange } = await this.#call(operation, (sending) =>
        this.#client.send(command, sending),
      );
      const size = Number(/\/(\d+)$/.exec(required(operation, 'ContentRange', ContentRange))?.[1]);
      const body = await required(operation, 'body', Body).transformToByteArray();
      return { kind: 'range', body, size };
    } catch (error) {
      if (hasCode(error, CONDITION_FAILED_CODES)) return { kind: 'changed' };
      if (hasCode(error, OBJECT_MISSING_CODES)) return { kind: 'missing' };
      throw error;
    }
  }

  async delete(key: string): Promise<void> {
    await this.#call('DeleteObject', (options) =>
      this.#client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: key }), options),
    );
  }

  async check(): Promise<void> {
    await this.#call('HeadBucket', (options) =>
      this.#client.send(new HeadBucketCommand({ Bucket: this.bucket }), options),
    );
  }

  #call<T>(
    operation: string,
    call: (sending: Sending) => Promise<T>,
    outer?: AbortSignal,
  ): Promise<T> {
    const withSignal = (signal: AbortSignal | undefined) =>
      call(signal === undefined ? {} : { abortSignal: signal });
    return callWithin(operation, this.#limitMs, withSignal, outer);
  }
}

/** For gets without a limit of the size. */
function whole(object: StoredObject | 'too-large' | null): StoredObject | null {
  if (object === 'too-large') throw new Error('An object is too large for a get without a limit.');
  return object;
}

/** S3 encodes keys in a listing as a form does: a space is `+`. */
const decodeKey = (encoded: string) => decodeURIComponent(encoded.replaceAll('+', ' '));

function conditionHeaders(onlyIf: PutOptions['onlyIf']): {
  IfNoneMatch?: string;
  IfMatch?: string;
} {
  if (onlyIf === undefined) return {};
  return onlyIf === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: onlyIf.etag };
}

function description(
  operation: string,
  answer: GetObjectCommandOutput | HeadObjectCommandOutput,
): Omit<StoredObject, 'body'> {
  return {
    etag: required(operation, 'ETag', answer.ETag),
    contentType: answer.ContentType,
    metadata: answer.Metadata ?? {},
  };
}
