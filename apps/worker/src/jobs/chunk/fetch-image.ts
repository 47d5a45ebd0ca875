import {
  hasCode,
  isTransient,
  NOT_AUTHENTICATED_CODES,
  AwsCallError,
} from '@labelfleet/aws/errors';
import type { ObjectStore } from '@labelfleet/aws/store';
import { inPlace, type InPlaceDeps } from '../in-place.ts';
import type { HandlingEnds } from '../job-deps.ts';
import type { ImageProblem } from './make-line.ts';
import type { Semaphore } from './semaphore.ts';

export interface FetchDeps extends InPlaceDeps {
  openBucket: (bucket: string) => Pick<ObjectStore, 'getWithin'>;
  /** The bytes of images that the worker holds for jobs. */
  memory: Semaphore;
  maxImageBytes: number;
}

/** The bytes of an image, which count until it is disposed of; or what is wrong with its object. */
export type FetchedImage =
  ({ kind: 'bytes'; bytes: Uint8Array } & Disposable) | { kind: 'problem'; problem: ImageProblem };

/**
 * Fetches an image of a job. Waits for memory first: for its size, or for that of the largest image if its size is not
 * known. Rejects when S3 cannot be reached or `ends` says so.
 */
export async function fetchImage(
  { bucket, key, bytes: size }: { bucket: string; key: string; bytes?: number | undefined },
  ends: HandlingEnds,
  deps: FetchDeps,
): Promise<FetchedImage> {
  const { maxImageBytes, memory } = deps;
  if (size !== undefined && size > maxImageBytes) return tooLarge(maxImageBytes);
  using held = new DisposableStack();
  const share = held.use(await memory.acquire(size ?? maxImageBytes, ends.signal));
  const get = () => deps.openBucket(bucket).getWithin(key, maxImageBytes, ends.signal);
  try {
    const object = await inPlace('fetch', get, ends, deps);
    if (object === 'too-large') return tooLarge(maxImageBytes);
    if (object === null) return missing(`s3://${bucket}/${key}`);
    const bytes = object.body;
    share.resize(bytes.byteLength);
    const kept = held.move();
    return { kind: 'bytes', bytes, [Symbol.dispose]: () => kept.dispose() };
  } catch (error) {
    const problem = ends.signal.aborted ? undefined : problemOf(error, `s3://${bucket}/${key}`);
    if (problem === undefined) throw error;
    return { kind: 'problem', problem };
  }
}

const tooLarge = (maxImageBytes: number): FetchedImage => ({
  kind: 'problem',
  problem: {
    code: 'payload-too-large',
    detail: `The image is larger than ${maxImageBytes} bytes. Store a smaller one (operator: raise MAX_IMAGE_BYTES).`,
  },
});

const missing = (reference: string): FetchedImage => ({
  kind: 'problem',
  problem: {
    code: 'image-missing',
    detail: `There is no object ${reference}: it was removed after it was listed, or it never existed.`,
  },
});

/**
 * A refusal of S3 that is about this object, so that no other try would end otherwise: the job must not wait for it.
 * Undefined: S3 or the credentials of the worker are at fault.
 */
function problemOf(error: unknown, reference: string): ImageProblem | undefined {
  if (!(error instanceof AwsCallError) || isTransient(error)) return undefined;
  const { statusCode, code, message } = error;
  if (statusCode === undefined || hasCode(error, NOT_AUTHENTICATED_CODES)) return undefined;
  if (statusCode === 404)
    return { code: 'image-missing', detail: `There is no object ${reference}: ${code}.` };
  if (statusCode === 403)
    return {
      code: 'forbidden',
      detail: `S3 does not let the worker read ${reference}: ${code}. The operator must give it the right s3:GetObject, and s3:ListBucket so that a missing object is reported as such.`,
    };
  return {
    code: 'forbidden',
    detail: `S3 does not let the worker read ${reference}: ${message}`,
  };
}
