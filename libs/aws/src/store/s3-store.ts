import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type GetObjectCommandOutput,
  type HeadObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { callWithin } from '../call-limit.ts';
import { CONDITION_FAILED_CODES, hasCode, OBJECT_MISSING_CODES, required } from '../errors.ts';
import type {
  ObjectHead,
  ObjectStore,
  PutOptions,
  PutOutcome,
  StoredObject,
} from './object-store.ts';

/** One S3 bucket. */
export class S3Store implements ObjectStore {
  readonly bucket: string;
  readonly #client: S3Client;
  readonly #limitMs: number | undefined;

  /** @param limitMs the longest that a call may take */
  constructor(bucket: string, client: S3Client, limitMs: number | undefined) {
    this.bucket = bucket;
    this.#client = client;
    this.#limitMs = limitMs;
  }

  async put(
    key: string,
    body: Uint8Array | string,
    { contentType, metadata, onlyIf }: PutOptions,
  ): Promise<PutOutcome> {
    const operation = 'PutObject';
    try {
      const { ETag } = await this.#call(operation, (options) =>
        this.#client.send(
          new PutObjectCommand({
            Bucket: this.bucket,
            Key: key,
            // The SDK treats an empty string as a stream and prints a warning.
            Body: typeof body === 'string' ? Buffer.from(body) : body,
            ContentType: contentType,
            Metadata: { ...metadata },
            ...conditionHeaders(onlyIf),
          }),
          options,
        ),
      );
      return { kind: 'stored', etag: required(operation, 'ETag', ETag) };
    } catch (error) {
      // S3 answers 404 to If-Match when the object does not exist.
      const failed =
        hasCode(error, CONDITION_FAILED_CODES) ||
        (onlyIf !== undefined && hasCode(error, OBJECT_MISSING_CODES));
      if (failed) return { kind: 'condition-failed' };
      throw error;
    }
  }

  get(key: string, signal?: AbortSignal): Promise<StoredObject | null> {
    return this.#get({ Key: key }, signal);
  }

  getStart(key: string, limit: number, signal?: AbortSignal): Promise<StoredObject | null> {
    return this.#get({ Key: key, Range: `bytes=0-${limit - 1}` }, signal);
  }

  async #get(
    input: { Key: string; Range?: string },
    signal: AbortSignal | undefined,
  ): Promise<StoredObject | null> {
    const operation = 'GetObject';
    signal?.throwIfAborted();
    try {
      return await this.#call(
        operation,
        async (options) => {
          const answer = await this.#client.send(
            new GetObjectCommand({ Bucket: this.bucket, ...input }),
            options,
          );
          const body = await required(operation, 'body', answer.Body).transformToByteArray();
          return { body, ...description(operation, answer) };
        },
        signal,
      );
    } catch (error) {
      signal?.throwIfAborted();
      if (hasCode(error, OBJECT_MISSING_CODES)) return null;
      throw error;
    }
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
    const { Contents = [] } = await this.#call('ListObjectsV2', (options) =>
      this.#client.send(
        new ListObjectsV2Command({
          Bucket: this.bucket,
          Prefix: prefix,
          MaxKeys: limit,
          ...(after !== '' && { StartAfter: after }),
        }),
        options,
      ),
    );
    return Contents.flatMap(({ Key }) => Key ?? []);
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
    call: (options: { abortSignal?: AbortSignal }) => Promise<T>,
    outer?: AbortSignal,
  ): Promise<T> {
    const withSignal = (signal: AbortSignal | undefined) =>
      call(signal === undefined ? {} : { abortSignal: signal });
    return callWithin(operation, this.#limitMs, withSignal, outer);
  }
}

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
