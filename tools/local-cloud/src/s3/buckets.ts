import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { ApiError } from '../api-error.ts';
import { Bucket } from './bucket.ts';
import { checkBucketName } from './bucket-name.ts';
import type { Algorithm } from './checksums.ts';
import { MultipartUploads } from './multipart-uploads.ts';
import { storeBody, type StoredBody } from './stored-body.ts';

/** All buckets by name: the folders in `objects` in the data folder. */
export class Buckets {
  readonly uploads: MultipartUploads;
  readonly #buckets: Map<string, Bucket>;
  readonly #objects: string;
  readonly #unfinished: string;

  private constructor(
    buckets: Map<string, Bucket>,
    folders: { objects: string; unfinished: string },
    uploads: MultipartUploads,
  ) {
    this.#buckets = buckets;
    this.#objects = folders.objects;
    this.#unfinished = folders.unfinished;
    this.uploads = uploads;
  }

  static async open(dataDir: string): Promise<Buckets> {
    const folders = {
      objects: join(dataDir, 'objects'),
      multipart: join(dataDir, 'multipart'),
      unfinished: join(dataDir, 'uploads'),
    };
    await rm(folders.unfinished, { recursive: true, force: true });
    await mkdir(folders.unfinished, { recursive: true, mode: 0o700 });
    await mkdir(folders.objects, { recursive: true, mode: 0o700 });
    const buckets = new Map<string, Bucket>();
    for (const name of await readdir(folders.objects)) {
      buckets.set(name, await Bucket.open(name, folders.objects));
    }
    const uploads = await MultipartUploads.open(folders, ({ id, bucket, key }) => {
      const there = buckets.get(bucket);
      return there === undefined || there.head(key)?.multipart?.uploadId === id;
    });
    return new Buckets(buckets, folders, uploads);
  }

  all(): Bucket[] {
    return [...this.#buckets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  get(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) {
      throw new ApiError('NoSuchBucket', 'The specified bucket does not exist', 404, {
        BucketName: name,
      });
    }
    return bucket;
  }

  /** Creates a bucket. Like in us-east-1, it succeeds if the bucket exists. */
  create(name: string): void {
    checkBucketName(name);
    if (!this.#buckets.has(name)) this.#buckets.set(name, Bucket.create(name, this.#objects));
  }

  /** Deletes an empty bucket and its unfinished uploads. */
  async delete(name: string): Promise<void> {
    const bucket = this.get(name);
    if (bucket.size > 0) {
      throw new ApiError('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409, {
        BucketName: name,
      });
    }
    this.#buckets.delete(name);
    bucket.removeFolder();
    await this.uploads.removeAll(name);
  }

  /** Deletes an object if there is one. */
  deleteObject(name: string, key: string): void {
    const bucket = this.get(name);
    if (bucket.head(key) === undefined) return;
    bucket.delete(key);
    this.uploads.objectDeleted(name, key);
  }

  /** Keeps a body in memory or in a temporary file, until it becomes an object or a part. */
  store(
    body: AsyncIterable<Buffer> | Iterable<Buffer>,
    names: readonly (Algorithm | 'md5')[],
  ): Promise<StoredBody> {
    return storeBody(this.#unfinished, body, names);
  }
}
