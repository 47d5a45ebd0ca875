import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  type CompletedPart,
  type CompleteMultipartUploadCommandInput,
  type CopyObjectCommandInput,
  type CreateMultipartUploadCommandInput,
  type DeleteObjectCommandInput,
  type GetObjectCommandInput,
  type HeadObjectCommandInput,
  type ListPartsCommandInput,
  type PutObjectCommandInput,
  type S3Client,
  type UploadPartCommandInput,
} from '@aws-sdk/client-s3';

import { uniqueName } from './aws-clients.ts';

/** The minimum size of a part that is not the last. */
export const PART_BYTES = 5 * 1_048_576;

/** A new bucket. */
export async function createBucket(s3: S3Client): Promise<TestBucket> {
  const name = uniqueName('bucket');
  await s3.send(new CreateBucketCommand({ Bucket: name }));
  return new TestBucket(s3, name);
}

/** A bucket with short methods for tests. */
export class TestBucket {
  readonly s3: S3Client;
  readonly name: string;
  constructor(s3: S3Client, name: string) {
    this.s3 = s3;
    this.name = name;
  }

  put(Key: string, more: Partial<PutObjectCommandInput> = {}) {
    return this.s3.send(new PutObjectCommand({ Bucket: this.name, Key, Body: 'body', ...more }));
  }

  get(Key: string, more: Partial<GetObjectCommandInput> = {}) {
    return this.s3.send(new GetObjectCommand({ Bucket: this.name, Key, ...more }));
  }

  async text(Key: string, more: Partial<GetObjectCommandInput> = {}) {
    return (await this.get(Key, more)).Body?.transformToString();
  }

  async bytes(Key: string, more: Partial<GetObjectCommandInput> = {}): Promise<Buffer> {
    return Buffer.from((await (await this.get(Key, more)).Body?.transformToByteArray()) ?? []);
  }

  head(Key: string, more: Partial<HeadObjectCommandInput> = {}) {
    return this.s3.send(new HeadObjectCommand({ Bucket: this.name, Key, ...more }));
  }

  /** Copies the object with the key `source`. */
  copy(source: string, Key: string, more: Partial<CopyObjectCommandInput> = {}) {
    const CopySource = `${this.name}/${encodeURIComponent(source)}`;
    return this.s3.send(new CopyObjectCommand({ Bucket: this.name, Key, CopySource, ...more }));
  }

  remove(Key: string, more: Partial<DeleteObjectCommandInput> = {}) {
    return this.s3.send(new DeleteObjectCommand({ Bucket: this.name, Key, ...more }));
  }

  /** Deletes the bucket itself. */
  drop() {
    return this.s3.send(new DeleteBucketCommand({ Bucket: this.name }));
  }

  /** Starts a multipart upload. */
  async upload(
    Key: string,
    more: Partial<CreateMultipartUploadCommandInput> = {},
  ): Promise<TestUpload> {
    const object = { Bucket: this.name, Key };
    const created = await this.s3.send(new CreateMultipartUploadCommand({ ...object, ...more }));
    return new TestUpload(this.s3, { ...object, UploadId: created.UploadId ?? '' });
  }
}

/** A multipart upload with short methods for tests. */
export class TestUpload {
  readonly #s3: S3Client;
  readonly of: { Bucket: string; Key: string; UploadId: string };

  constructor(s3: S3Client, of: TestUpload['of']) {
    this.#s3 = s3;
    this.of = of;
  }

  /** @returns the entry of the part for the completion */
  async put(
    PartNumber: number,
    Body: string | Buffer,
    more: Partial<UploadPartCommandInput> = {},
  ): Promise<CompletedPart> {
    const { ETag, ...answer } = await this.#s3.send(
      new UploadPartCommand({ ...this.of, PartNumber, Body, ...more }),
    );
    const { ChecksumCRC32, ChecksumCRC32C, ChecksumSHA1, ChecksumSHA256 } = answer;
    return { PartNumber, ETag, ChecksumCRC32, ChecksumCRC32C, ChecksumSHA1, ChecksumSHA256 };
  }

  complete(Parts: CompletedPart[], more: Partial<CompleteMultipartUploadCommandInput> = {}) {
    return this.#s3.send(
      new CompleteMultipartUploadCommand({ ...this.of, MultipartUpload: { Parts }, ...more }),
    );
  }

  list(more: Partial<ListPartsCommandInput> = {}) {
    return this.#s3.send(new ListPartsCommand({ ...this.of, ...more }));
  }

  async numbers(): Promise<(number | undefined)[]> {
    const { Parts = [] } = await this.list();
    return Parts.map(({ PartNumber }) => PartNumber);
  }
}
