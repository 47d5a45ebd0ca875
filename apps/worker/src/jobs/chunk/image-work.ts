import type { JobLine, PageImage, StoredJob } from '@labelfleet/contracts';
import type { BadImage, Classified, Classifier, Reservation } from '@labelfleet/inference';
import type { Clock, Logger } from '@labelfleet/runtime';
import { classifyWithin, type ClassifyDeps } from '../../attempt/classify-within.ts';
import type { Load } from '../../receive/load.ts';
import type { Slots } from '../../receive/slots.ts';
import type { JobActivity } from '../job-activity.ts';
import type { HandlingEnds } from '../job-deps.ts';
import type { ChunkCalls } from './chunk-cost.ts';
import type { FetchDeps } from './fetch-image.ts';
import type { LineMaker, ListedImage } from './make-line.ts';

/** A chunk whose images are to be classified. */
export interface ChunkWork extends HandlingEnds {
  job: StoredJob;
  images: readonly PageImage[];
  lines: LineMaker;
  calls: ChunkCalls;
  /** Aborted when the image in a classifier process has to be given up. */
  deadline: AbortSignal;
  log: Logger;
  /** Called when the rest of the images takes about as long as to receive the next chunk. */
  onNearlyDone: () => void;
  /** Called when every image has been begun. */
  onAllBegun: () => void;
}

/** How the work on the images of a chunk ended. A rejection means that it was interrupted. */
export type ChunkOutcome =
  | { kind: 'lines'; lines: JobLine[] }
  /** The attempt at an image failed. */
  | { kind: 'failed'; image: string; error: unknown }
  /** The last recorded attempt at an image may still succeed. */
  | { kind: 'too-early'; waitMs: number };

export interface ImageWorkDeps extends FetchDeps, ClassifyDeps {
  classifier: Pick<Classifier, 'reserve'>;
  slots: Slots;
  load: Pick<Load, 'classified' | 'imagesPerMs'>;
  activity: JobActivity;
  clock: Clock;
}

/** The next chunk is received when the rest of this one takes so long. */
const NEXT_CHUNK_MS = 1_000;

/** Whether so few images are left that the next chunk should be received. */
export const isNearlyDone = (left: number, { load }: Pick<ImageWorkDeps, 'load'>): boolean =>
  left <= Math.max(1, load.imagesPerMs() * NEXT_CHUNK_MS);

/** The line of an image that its manifest does not name. */
export const lineOfBroken = ({ line, problem }: Exclude<PageImage, ListedImage>): JobLine => ({
  status: 'failed',
  line,
  problem,
});

export const isListed = (image: PageImage): image is ListedImage => 'key' in image;

/** Classifies an image in a reserved process. Throws if another worker may have the chunk. */
export async function classifyImage(
  classifierProcess: Pick<Reservation, 'classify'>,
  bytes: Uint8Array,
  image: ListedImage,
  { job, lines, deadline, lapsed }: ChunkWork,
  deps: ImageWorkDeps,
): Promise<Classified | BadImage | { kind: 'failed'; error: unknown }> {
  throwIfLapsed({ lapsed });
  using _classifying = deps.activity.classifying();
  return await classifyWithin(
    classifierProcess,
    { bytes, name: lines.referenceOf(image), topK: job.topK, signal: deadline },
    deps,
  );
}

/** A worker whose visibility has lapsed begins no image (J3). */
export function throwIfLapsed({ lapsed }: Pick<HandlingEnds, 'lapsed'>): void {
  if (lapsed()) throw new Error('The visibility of the chunk has lapsed.');
}
