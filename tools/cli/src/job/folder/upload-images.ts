import type { ObjectStore } from '@labelfleet/aws/store';
import { explain, isSystemError } from '@labelfleet/runtime';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pMap from 'p-map';
import type { FailedFile, LocalImage } from './scan-folder.ts';

export interface UploadedImage {
  path: string;
  key: string;
  /** The MD5 of its bytes, where the bucket is not encrypted with a key of KMS. */
  etag: string;
}

export interface UploadDeps {
  store: Pick<ObjectStore, 'put' | 'listObjects'>;
  folder: string;
  /** Of the keys; ends with a slash. */
  prefix: string;
  signal: AbortSignal;
  /** Called after each image with the bytes that are done. */
  onProgress: (bytes: number) => void;
}

export interface Upload {
  /** In the order of the images. */
  images: UploadedImage[];
  failed: FailedFile[];
  /** How many were sent; the others were there. */
  sent: number;
}

/** Larger images are read a few at a time, so that they fit into memory. */
const LARGE_BYTES = 8 * 1024 ** 2;
const PARALLEL = { small: 32, large: 2 };
/** The limit of S3. */
const MAX_KEY_BYTES = 1024;
const LISTED = 1000;

/**
 * Uploads images that are not in the bucket yet with the same bytes. May be repeated after any failure.
 * @throws the signal's reason; AwsCallError
 */
export async function uploadImages(
  images: readonly LocalImage[],
  deps: UploadDeps,
): Promise<Upload> {
  const { store, folder, prefix, signal, onProgress } = deps;
  const present = await listEtags(store, prefix, signal);
  const outcomes: (UploadedImage | FailedFile)[] = [];
  let [sent, bytesDone] = [0, 0];

  const upload = async ({ path }: LocalImage): Promise<UploadedImage | FailedFile> => {
    const key = prefix + path;
    if (Buffer.byteLength(key) > MAX_KEY_BYTES)
      return { path, detail: `Its key ${key} is longer than the 1,024 bytes of S3. Rename it.` };
    const bytes = await readFile(join(folder, path), { signal }).catch((error: unknown) => {
      if (isSystemError(error)) return error;
      throw error;
    });
    if (bytes instanceof Error) return { path, detail: explain(bytes) };
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
    if (present.get(key) === etag) return { path, key, etag };
    const stored = await store.put(key, bytes, { contentType: 'application/octet-stream' });
    sent += 1;
    return { path, key, etag: stored.kind === 'stored' ? stored.etag : etag };
  };

  const numbered = images.map((image, index) => ({ image, index }));
  for (const size of ['small', 'large'] as const) {
    await pMap(
      numbered.filter(({ image }) => image.bytes > LARGE_BYTES === (size === 'large')),
      async ({ image, index }) => {
        outcomes[index] = await upload(image);
        bytesDone += image.bytes;
        onProgress(bytesDone);
      },
      { concurrency: PARALLEL[size], signal },
    );
  }
  const isUploaded = (one: UploadedImage | FailedFile): one is UploadedImage => 'key' in one;
  return {
    images: outcomes.filter(isUploaded),
    failed: outcomes.filter((one): one is FailedFile => !isUploaded(one)),
    sent,
  };
}

async function listEtags(
  store: Pick<ObjectStore, 'listObjects'>,
  prefix: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const etags = new Map<string, string>();
  for (let after = ''; ;) {
    signal.throwIfAborted();
    const listed = await store.listObjects(prefix, LISTED, after);
    for (const { key, etag } of listed) etags.set(key, etag);
    const last = listed.at(-1);
    if (last === undefined) return etags;
    after = last.key;
  }
}
