import type { JobLine } from '@labelfleet/contracts';
import type { Reservation } from '@labelfleet/inference';
import { fetchImage } from './fetch-image.ts';
import {
  classifyImage,
  isListed,
  isNearlyDone,
  lineOfBroken,
  type ChunkOutcome,
  type ChunkWork,
  type ImageWorkDeps,
} from './image-work.ts';
import type { ListedImage } from './make-line.ts';

export interface TogetherDeps extends ImageWorkDeps {
  /** How many images are fetched or wait for a classifier process at the same time. */
  imagesAtOnce: number;
}

/**
 * Classifies the images of a chunk at its first delivery: several are fetched while others are classified, behind
 * requests. Once an attempt has failed or the work is interrupted, no further image begins.
 */
export async function classifyTogether(work: ChunkWork, deps: TogetherDeps): Promise<ChunkOutcome> {
  const { images } = work;
  const lines = new Array<JobLine>(images.length);
  const over = new AbortController();
  const signal = AbortSignal.any([work.signal, over.signal]);
  const whileGood = { ...work, signal };
  let failed: Extract<ChunkOutcome, { kind: 'failed' }> | undefined;
  let next = 0;
  let done = 0;

  const begin = () => {
    const index = next++;
    if (isNearlyDone(images.length - next, deps)) work.onNearlyDone();
    if (next >= images.length) work.onAllBegun();
    return index;
  };
  const lane = async () => {
    while (next < images.length && !signal.aborted) {
      const index = begin();
      const image = images[index];
      if (image === undefined) continue;
      const line = isListed(image) ? await lineOf(image, whileGood, deps) : lineOfBroken(image);
      if (line.status !== 'attempt-failed') {
        lines[index] = line;
        done += 1;
        deps.activity.imageDone();
        continue;
      }
      failed ??= {
        kind: 'failed',
        image: work.lines.referenceOf(image as ListedImage),
        error: line.error,
      };
      over.abort(new Error('The attempt at another image of the chunk failed.'));
    }
  };
  const lanes = Array.from({ length: Math.min(deps.imagesAtOnce, images.length) }, () =>
    lane().catch((error: unknown) => {
      over.abort(error);
    }),
  );
  await Promise.all(lanes);
  if (failed !== undefined) return failed;
  if (done < images.length) signal.throwIfAborted();
  return { kind: 'lines', lines };
}

async function lineOf(
  image: ListedImage,
  work: ChunkWork,
  deps: TogetherDeps,
): Promise<JobLine | { status: 'attempt-failed'; error: unknown }> {
  const { lines, calls } = work;
  const { key, bytes } = image;
  const fetched = await fetchImage({ bucket: lines.bucketOf(image), key, bytes }, work, deps);
  calls.s3Get += 1;
  if (fetched.kind === 'problem') return lines.failed(image, fetched.problem);
  using _memory = fetched;
  using place = await placeBehindRequests(work.signal, deps);
  const outcome = await classifyImage(place, fetched.bytes, image, work, deps);
  return outcome.kind === 'failed'
    ? { status: 'attempt-failed', error: outcome.error }
    : lines.classified(image, outcome);
}

/**
 * Reserves a classifier process when no request waits for one and none is to be worked on alone. A process that comes
 * free when a request is to be alone is given back at once.
 */
async function placeBehindRequests(
  signal: AbortSignal,
  { classifier, slots }: TogetherDeps,
): Promise<Reservation> {
  for (;;) {
    await slots.sharing(signal);
    const reserved = await classifier.reserve(signal, 'job');
    const place = slots.placeForJob();
    if (place !== undefined)
      return {
        classify: (...image) => reserved.classify(...image),
        [Symbol.dispose]: () => {
          reserved[Symbol.dispose]();
          place[Symbol.dispose]();
        },
      };
    reserved[Symbol.dispose]();
  }
}
