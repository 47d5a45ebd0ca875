import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { ApiError } from '../api-error.ts';
import { Bucket } from './bucket.ts';

const NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** Every bucket by its name: the folders under `objects` in the data folder. */
export class Buckets {
  readonly #buckets = new Map<string, Bucket>();
  readonly #folders: { objects: string; uploads: string };

  private constructor(folders: { objects: string; uploads: string }) {
    this.#folders = folders;
  }

  static async open(dataDir: string): Promise<Buckets> {
    const folders = { objects: join(dataDir, 'objects'), uploads: join(dataDir, 'uploads') };
    await rm(folders.uploads, { recursive: true, force: true });
    await mkdir(folders.uploads, { recursive: true });
    await mkdir(folders.objects, { recursive: true });
    const buckets = new Buckets(folders);
    for (const name of await readdir(folders.objects)) {
      buckets.#buckets.set(name, await Bucket.open(name, folders));
    }
    return buckets;
  }

  all(): Bucket[] {
    return [...this.#buckets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  get(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) {
      throw new ApiError('NoSuchBucket', 'The specified bucket does not exist', 404);
    }
    return bucket;
  }

  /** Like S3 in us-east-1: creating one's own bucket again succeeds. */
  async create(name: string): Promise<void> {
    if (!NAME.test(name)) {
      throw new ApiError('InvalidBucketName', 'The specified bucket is not valid.');
    }
    if (!this.#buckets.has(name)) {
      const bucket = await Bucket.open(name, this.#folders);
      if (!this.#buckets.has(name)) this.#buckets.set(name, bucket);
    }
  }

  delete(name: string): void {
    const bucket = this.get(name);
    if (bucket.size > 0) {
      throw new ApiError('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409);
    }
    this.#buckets.delete(name);
    bucket.removeFolder();
  }
}
