import { isTransient } from '@labelfleet/aws/errors';
import type { ObjectStore } from '@labelfleet/aws/store';
import { EXIT, StartError } from '@labelfleet/runtime';

type Bucket = Pick<ObjectStore, 'get' | 'put' | 'bucket'>;

const MOST_TRIES = 5;

/** Undefined: there is no such object yet. */
export async function readStoredFile(
  bucket: Pick<Bucket, 'get'>,
  key: string,
): Promise<{ text: string; etag: string } | undefined> {
  const stored = await bucket.get(key);
  if (stored === null) return undefined;
  return { text: new TextDecoder().decode(stored.body), etag: stored.etag };
}

/**
 * Changes an object, and loses no change that somebody else makes meanwhile.
 * @param edit gets the text as it is now, undefined if there is no such object; may be called again
 */
export async function changeStoredFile(
  bucket: Bucket,
  key: string,
  edit: (text: string | undefined) => string,
): Promise<void> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const stored = await readStoredFile(bucket, key);
    const text = edit(stored?.text);
    const onlyIf = stored === undefined ? 'absent' : { etag: stored.etag };
    try {
      const { kind } = await bucket.put(key, text, { contentType: 'application/json', onlyIf });
      if (kind === 'stored') return;
    } catch (error) {
      // S3 answers 409 while somebody else writes the object.
      if (!isTransient(error)) throw error;
    }
    // It can be that this very write succeeded, and was repeated.
    if ((await readStoredFile(bucket, key))?.text === text) return;
  }
  throw new StartError(
    `s3://${bucket.bucket}/${key} was changed by others again and again. Try again.`,
    EXIT.unavailable,
  );
}
