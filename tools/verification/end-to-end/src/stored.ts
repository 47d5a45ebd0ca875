import type { ObjectStore } from '@labelfleet/aws/store';
import { decodeStoredResult, resultKey } from '@labelfleet/contracts';
import { createHash } from 'node:crypto';

type Bucket = Pick<ObjectStore, 'list' | 'get'>;

/** The stored objects of a request. */
export interface StoredRequest {
  fileName: string;
  /** SHA-256 of the stored image. */
  sha256: string;
  /** The label of the stored result; undefined unless it succeeded. */
  label: string | undefined;
}

/**
 * All stored objects by request.
 * @throws Error if an image has no result or a result has no image
 */
export async function readStored(images: Bucket, results: Bucket): Promise<StoredRequest[]> {
  const imageKeys = await images.list('', 1000);
  const ids = imageKeys.map((key) => key.slice(0, key.indexOf('/')));
  const resultKeys = await results.list('', 1000);
  if (ids.map(resultKey).sort().join() !== resultKeys.sort().join()) {
    throw new Error(`images ${imageKeys.join()} and results ${resultKeys.join()} do not match`);
  }
  return Promise.all(
    imageKeys.map(async (key, index) => ({
      fileName: key.slice(key.indexOf('/') + 1),
      sha256: sha256(await read(images, key)),
      label: labelOf(await read(results, resultKey(ids[index] ?? ''))),
    })),
  );
}

export const sha256 = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex');

async function read(bucket: Bucket, key: string): Promise<Uint8Array> {
  const object = await bucket.get(key);
  if (object === null) throw new Error(`${key} is gone`);
  return object.body;
}

function labelOf(bytes: Uint8Array): string | undefined {
  const decoded = decodeStoredResult(new TextDecoder().decode(bytes));
  if (decoded.kind === 'malformed') throw new Error(decoded.reason);
  return decoded.value.status === 'succeeded' ? decoded.value.label : undefined;
}
