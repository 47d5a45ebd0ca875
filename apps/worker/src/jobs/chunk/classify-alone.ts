import {
  ATTEMPTS_EXHAUSTED,
  judgeChunkAttempts,
  type ChunkAttempt,
  type JobLine,
} from '@labelfleet/contracts';
import type { BadImage, Classified } from '@labelfleet/inference';
import type { RecordEntry } from '../../attempt/record-entry.ts';
import type { BatchEnds } from '../../receive/work-loop.ts';
import { inPlace } from '../in-place.ts';
import { fetchImage } from './fetch-image.ts';
import {
  classifyImage,
  isListed,
  isNearlyDone,
  lineOfBroken,
  throwIfLapsed,
  type ChunkOutcome,
  type ChunkWork,
  type ImageWorkDeps,
} from './image-work.ts';
import type { ImageProblem, ListedImage } from './make-line.ts';

export type AloneDeps = ImageWorkDeps;

/** A chunk that was delivered before, and how its worker leaves requests their turn. */
export interface AloneWork extends ChunkWork, Pick<BatchEnds, 'polled' | 'onSlotFreed'> {
  /** In the attempt record of the chunk. */
  entry: RecordEntry<ChunkAttempt>;
}

/**
 * Classifies the images of a chunk from its second delivery on (J6): one at a time, alone on the worker, each recorded
 * before its attempt, since one of them may kill its workers.
 */
export async function classifyAlone(work: AloneWork, deps: AloneDeps): Promise<ChunkOutcome> {
  const { images, entry, log } = work;
  work.calls.s3Get += 1;
  const recorded = await inPlace('read-attempts', () => entry.read(), work, deps);
  const verdicts = images.map((_, index) =>
    judgeChunkAttempts(recorded, index, deps.clock.unixMs()),
  );
  const waitMs = Math.max(
    0,
    ...verdicts.map((each) => (each.kind === 'too-early' ? each.waitMs : 0)),
  );
  if (waitMs > 0) return { kind: 'too-early', waitMs };

  const lines: JobLine[] = [];
  for (const [index, image] of images.entries()) {
    if (isNearlyDone(images.length - index, deps)) work.onNearlyDone();
    if (!isListed(image)) {
      lines.push(lineOfBroken(image));
      continue;
    }
    const outcome =
      verdicts[index]?.kind === 'exhausted' ? EXHAUSTED : await attempt(image, index, work, deps);
    if (outcome.kind === 'failed' || outcome.kind === 'too-early') return outcome;
    if (outcome === EXHAUSTED)
      log.warn(
        { event: 'attempt.refused', image: work.lines.referenceOf(image) },
        'attempt refused by the attempt record',
      );
    lines.push(
      outcome.kind === 'problem'
        ? work.lines.failed(image, outcome.problem)
        : work.lines.classified(image, outcome),
    );
    deps.activity.imageDone();
  }
  return { kind: 'lines', lines };
}

const EXHAUSTED = { kind: 'problem', problem: ATTEMPTS_EXHAUSTED } as const;

async function attempt(
  image: ListedImage,
  index: number,
  work: AloneWork,
  deps: AloneDeps,
): Promise<
  | Classified
  | BadImage
  | { kind: 'problem'; problem: ImageProblem }
  | Exclude<ChunkOutcome, { kind: 'lines' }>
> {
  const { lines, calls, entry, signal } = work;
  const { key, bytes } = image;
  const fetched = await fetchImage({ bucket: lines.bucketOf(image), key, bytes }, work, deps);
  calls.s3Get += 1;
  if (fetched.kind === 'problem') return fetched;
  using _memory = fetched;

  using _slot = await aloneOnWorker(work, deps);
  using classifierProcess = await deps.classifier.reserve(signal, 'job');
  throwIfLapsed(work);
  const record = () =>
    entry.put(
      (recorded) => ({ ...recorded, image: index }),
      (others) => judgeChunkAttempts(others, index, deps.clock.unixMs()),
    );
  calls.s3Put += 1;
  const verdict = await inPlace('record-attempt', record, work, deps);
  if (verdict.kind === 'exhausted') return EXHAUSTED;
  if (verdict.kind === 'too-early') return verdict;
  signal.throwIfAborted();
  const outcome = await classifyImage(classifierProcess, fetched.bytes, image, work, deps);
  return outcome.kind === 'failed' ? { ...outcome, image: lines.referenceOf(image) } : outcome;
}

/** The request queue is polled between two images, so that requests wait for one image at most. */
async function aloneOnWorker(
  { polled, onSlotFreed, signal }: AloneWork,
  { slots }: AloneDeps,
): Promise<Disposable> {
  await polled();
  using reserved = new DisposableStack();
  reserved.defer(onSlotFreed);
  await reserved.use(slots.exclusive()).granted(signal);
  return reserved.move();
}
