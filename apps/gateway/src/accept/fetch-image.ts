import { isDenied, isTransient } from '@labelfleet/aws/errors';
import type { ObjectStore } from '@labelfleet/aws/store';
import { refuse, refuseOverloaded, type Refusal } from '../http/problem.ts';
import type { ByteShare } from '../upload/byte-budget.ts';
import { noRoom, type ReceivedFile } from '../upload/form-file.ts';
import { imageTooLarge } from '../upload/judge-file.ts';
import { locateImage, type ImageSource } from './image-sources.ts';

export interface FetchImageDeps {
  imageSources: readonly ImageSource[];
  storeOf: (bucket: string) => Pick<ObjectStore, 'head' | 'getStart'>;
  limits: { maxImageBytes: number };
}

/** Fetches the image that a reference names. The share holds its bytes. */
export async function fetchImage(
  { imageSources, storeOf, limits: { maxImageBytes } }: FetchImageDeps,
  reference: string,
  share: Pick<ByteShare, 'take'>,
): Promise<ReceivedFile | Refusal> {
  const object = locateImage(reference, imageSources);
  if (object.kind === 'refused') return object;
  const { bucket, key } = object;
  const store = storeOf(bucket);
  try {
    const head = await store.head(key);
    if (head === null) return refuse('not-found', `There is no object ${reference}.`);
    if (head.size > maxImageBytes) return imageTooLarge(maxImageBytes);
    if (head.size === 0)
      return refuse('missing-image', `The object ${reference} is empty: it has 0 bytes.`);
    if (!share.take(head.size)) return noRoom;
    // The object may have been replaced by a larger one since.
    const stored = await store.getStart(key, head.size);
    if (stored === null) return refuse('not-found', `There is no object ${reference}.`);
    return { kind: 'file', bytes: stored.body, fileName: key };
  } catch (error) {
    if (isTransient(error))
      return refuseOverloaded(`The object ${reference} could not be read. Try again shortly.`);
    if (!isDenied(error)) throw error;
    return refuse(
      'forbidden',
      `S3 does not let the gateway read ${reference}: ${error.code}. The operator must give it the right s3:GetObject, and s3:ListBucket so that a missing object is reported as such.`,
    );
  }
}
