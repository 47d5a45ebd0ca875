import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
  UploadPartCommand,
  type CompletedPart,
  type CompleteMultipartUploadCommandInput,
  type CreateMultipartUploadCommandInput,
  type S3Client,
  type UploadPartCommandInput,
} from '@aws-sdk/client-s3';

import type { TestBucket } from './test-bucket.ts';

/** The minimum size of a part that is not the last. */
export const PART_BYTES = 5 * 1_048_576;

/** A multipart upload with short methods for tests. */
export class TestUpload {
  readonly #s3: S3Client;
  readonly of: { Bucket: string; Key: string; UploadId: string };

  private constructor(s3: S3Client, of: TestUpload['of']) {
    this.#s3 = s3;
    this.of = of;
  }

  static async create(
    s3: S3Client,
    bucket: TestBucket,
    Key: string,
    more: Partial<CreateMultipartUploadCommandInput> = {},
  ): Promise<TestUpload> {
    const Bucket = bucket.name;
    const created = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }));
    return new TestUpload(s3, { Bucket, Key, UploadId: created.UploadId ?? '' });
  }

  /** The same upload with another client. */
  seenBy(s3: S3Client): TestUpload {
    return new TestUpload(s3, this.of);
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

  async numbers(): Promise<(number | undefined)[]> {
    const { Parts = [] } = await this.#s3.send(new ListPartsCommand(this.of));
    return Parts.map(({ PartNumber }) => PartNumber);
  }
}
