import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type GetObjectCommandInput,
  type HeadObjectCommandInput,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';

import { uniqueName } from '../clients.ts';

/** A new bucket with short methods for tests. */
export async function createBucket(s3: S3Client): Promise<TestBucket> {
  const name = uniqueName('bucket');
  await s3.send(new CreateBucketCommand({ Bucket: name }));
  return new TestBucket(s3, name);
}

export class TestBucket {
  readonly #s3: S3Client;
  readonly name: string;
  constructor(s3: S3Client, name: string) {
    this.#s3 = s3;
    this.name = name;
  }

  put(Key: string, more: Partial<PutObjectCommandInput> = {}) {
    return this.#s3.send(new PutObjectCommand({ Bucket: this.name, Key, Body: 'body', ...more }));
  }

  get(Key: string, more: Partial<GetObjectCommandInput> = {}) {
    return this.#s3.send(new GetObjectCommand({ Bucket: this.name, Key, ...more }));
  }

  head(Key: string, more: Partial<HeadObjectCommandInput> = {}) {
    return this.#s3.send(new HeadObjectCommand({ Bucket: this.name, Key, ...more }));
  }

  remove(Key: string) {
    return this.#s3.send(new DeleteObjectCommand({ Bucket: this.name, Key }));
  }

  /** Deletes the bucket itself. */
  drop() {
    return this.#s3.send(new DeleteBucketCommand({ Bucket: this.name }));
  }

  async text(Key: string, more: Partial<GetObjectCommandInput> = {}) {
    return (await this.get(Key, more)).Body?.transformToString();
  }
}

export const status = (httpStatusCode: number) => ({ $metadata: { httpStatusCode } });
