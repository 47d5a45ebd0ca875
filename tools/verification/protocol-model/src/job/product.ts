import {
  imagesOfChunk,
  NO_COUNTS,
  type ChunkAttempt,
  type JobCounts,
  type JobPage,
  type JobStop,
  type PageImage,
  type StoredJob,
} from '@labelfleet/contracts';
import type { CompletionState } from '@labelfleet/worker/protocol';
import type { Completing, JobState } from './state.ts';

/*
 * Converts the model's state into the arguments of the product's functions. The model has no time; what it leaves out
 * does not affect their decisions.
 */

export const NOW = Date.parse('2026-01-01T00:00:00Z');
const AT = new Date(NOW).toISOString();

export const JOB: StoredJob = {
  v: 1,
  id: '019b76da-a800-7000-8000-000000000000',
  createdAt: AT,
  notify: 'receiver',
  source: { kind: 'prefix', bucket: 'source', prefix: '' },
  topK: 1,
  destination: { bucket: 'parts', prefix: '' },
  readable: [],
};

export const CANCELED: JobStop = { v: 1, reason: 'canceled', detail: '', at: AT };

/** An image of the source. @param version of the source when it was listed */
export const imageOf = (page: number, index: number, version: number): PageImage => ({
  key: `${page}.${index}v${version}`,
});
export const keyOf = (image: PageImage): string => ('key' in image ? image.key : '');

/** The attempt of a worker that is gone, or of the one that adds it: `endsAt` is past. */
export const attemptAt = (nonce: string, image: number): ChunkAttempt => ({
  nonce,
  worker: 'i-1',
  at: AT,
  endsAt: AT,
  image,
});

/**
 * The counts of a part. Its writer is told by the machine time.
 * @param lines `s` for a succeeded image, `f` for a failed one
 */
export const countsOf = (lines: string, skipped: number, writer: number): JobCounts => ({
  ...NO_COUNTS,
  succeeded: [...lines].filter((line) => line === 's').length,
  failed: [...lines].filter((line) => line === 'f').length,
  skipped,
  busyMs: writer,
});

export const keysOfChunk = (page: JobPage, chunk: number): string[] =>
  imagesOfChunk(page, chunk).map(keyOf);

/** @throws if a page is marked that is not stored */
export function completionState(state: JobState, known: Completing): CompletionState {
  const { page, parts, done, ...rest } = known;
  return {
    job: JOB,
    ...rest,
    ...(page !== undefined && { page: pageOf(state, page) }),
    ...(parts && { parts: new Set(parts) }),
    ...(done && { done: new Map(done) }),
  };
}

export function pageOf({ pages }: JobState, page: number): JobPage {
  const stored = pages[page];
  if (stored === undefined) throw new Error(`page ${page} is not stored`);
  return stored;
}
