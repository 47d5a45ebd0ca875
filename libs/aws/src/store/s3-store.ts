import {
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type GetObjectCommandOutput,
  type HeadObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import {
  callAws,
  CONDITION_FAILED_CODES,
  hasCode,
  OBJECT_MISSING_CODES,
  required,
} from '../errors.ts';
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

  constructor(bucket: string, client: S3Client) {
    this.bucket = bucket;
    this.#client = client;
  }

  async put(key: string, body: Uint8Array | string, options: PutOptions): Promise<PutOutcome> {
    const operation = 'PutObject';
    try {
      const { ETag } = await callAws(operation, () =>
        this.#client.send(
          new PutObjectCommand({
            Bucket: this.bucket,
            Key: key,
            // The SDK takes an empty string for a stream, and says so on the console.
            Body: typeof body === 'string' ? Buffer.from(body) : body,
            ContentType: options.contentType,
            Metadata: { ...options.metadata },
            ...condition(options.onlyIf),
          }),
        ),
      );
      return { kind: 'stored', etag: required(operation, 'ETag', ETag) };
    } catch (error) {
      // An If-Match against an object that is gone is answered with 404.
      const failed =
        hasCode(error, CONDITION_FAILED_CODES) ||
        (options.onlyIf !== undefined && hasCode(error, OBJECT_MISSING_CODES));
      if (failed) return { kind: 'condition-failed' };
      throw error;
    }
  }

  async get(key: string, signal?: AbortSignal): Promise<StoredObject | null> {
    const operation = 'GetObject';
    signal?.throwIfAborted();
    try {
      return await callAws(operation, async () => {
        const answer = await this.#client.send(
          new GetObjectCommand({ Bucket: this.bucket, Key: key }),
          signal === undefined ? {} : { abortSignal: signal },
        );
        const body = await required(operation, 'body', answer.Body).transformToByteArray();
        return { body, ...description(operation, answer) };
      });
    } catch (error) {
      signal?.throwIfAborted();
      if (hasCode(error, OBJECT_MISSING_CODES)) return null;
      throw error;
    }
  }

  async head(key: string): Promise<ObjectHead | null> {
    const operation = 'HeadObject';
    try {
      const answer = await callAws(operation, () =>
        this.#client.send(new HeadObjectCommand({ Bucket: this.bucket, Key: key })),
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
    const { Contents = [] } = await callAws('ListObjectsV2', () =>
      this.#client.send(
        new ListObjectsV2Command({
          Bucket: this.bucket,
          Prefix: prefix,
          MaxKeys: limit,
          ...(after !== '' && { StartAfter: after }),
        }),
      ),
    );
    return Contents.flatMap(({ Key }) => Key ?? []);
  }

  async check(): Promise<void> {
    await callAws('HeadBucket', () =>
      this.#client.send(new HeadBucketCommand({ Bucket: this.bucket })),
    );
  }
}

function condition(onlyIf: PutOptions['onlyIf']): { IfNoneMatch?: string; IfMatch?: string } {
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
