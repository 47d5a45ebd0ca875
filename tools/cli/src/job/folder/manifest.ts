import type { ObjectStore } from '@labelfleet/aws/store';
import { safeFileName } from '@labelfleet/contracts';
import { createHash } from 'node:crypto';
import { basename, resolve } from 'node:path';
import type { UploadedImage } from './upload-images.ts';

/** Where the service reads images that callers upload. */
const UPLOADS = 'uploads/';

const sha256 = (text: string | Uint8Array) => createHash('sha256').update(text).digest('hex');

/** The prefix of the images of a folder. Folders of other paths have others. */
export const prefixOf = (folder: string): string =>
  `${UPLOADS}${safeFileName(basename(resolve(folder)))}-${sha256(resolve(folder)).slice(0, 12)}/`;

type ManifestBucket = Pick<ObjectStore, 'bucket' | 'put'>;

/**
 * Stores the manifest of a folder's images, whose ids are their paths. Its name is a hash of the images: a job reads
 * the manifest that it began with, and the same images have the same manifest.
 * @param prefix of their keys
 * @returns its address
 */
export function storeManifest(
  images: readonly UploadedImage[],
  prefix: string,
  store: ManifestBucket,
): Promise<string> {
  const hash = createHash('sha256');
  const lines = images.map(({ path, key, etag }) => {
    hash.update(JSON.stringify([key, etag]));
    return Buffer.from(`${JSON.stringify({ key: `s3://${store.bucket}/${key}`, id: path })}\n`);
  });
  const name = `${prefix.slice(0, -1)}.${hash.digest('hex').slice(0, 32)}.jsonl`;
  return put(name, Buffer.concat(lines), store);
}

/** Stores a manifest that the user has written. @returns its address */
export function storeUserManifest(
  file: string,
  bytes: Uint8Array,
  store: ManifestBucket,
): Promise<string> {
  const name = safeFileName(basename(file)).replace(/\.[a-z]+$/, '');
  return put(`${UPLOADS}manifests/${name}-${sha256(bytes).slice(0, 32)}.jsonl`, bytes, store);
}

async function put(key: string, body: Uint8Array, store: ManifestBucket): Promise<string> {
  await store.put(key, body, { contentType: 'application/x-ndjson', onlyIf: 'absent' });
  return `s3://${store.bucket}/${key}`;
}
