import type { ObjectStore } from '@labelfleet/aws/store';
import { chunksOf } from '@labelfleet/contracts';
import { PartStore } from '@labelfleet/jobs';
import type { Completion } from '../complete/complete-page.ts';
import { inPlace } from '../in-place.ts';
import type { JobReader } from './job-reader.ts';
import { makePart, type NewPart, type PartDeps, type PartOutcome } from './make-part.ts';

export interface ChunkDeps extends PartDeps {
  reader: Pick<JobReader, 'job' | 'page'>;
  openBucket: (bucket: string) => ObjectStore;
  completion: Pick<Completion, 'pageTouched'>;
}

/** A received message of a chunk. */
type ChunkDelivery = Omit<NewPart, 'job' | 'page' | 'parts' | 'isRedelivery'> & {
  /** How often the message has been received, including this delivery. */
  receiveCount: number;
};

export type ChunkHandled =
  | PartOutcome
  /** The message names nothing that exists. */
  | { kind: 'discard'; reason: string };

export type HandleChunk = (delivery: ChunkDelivery) => Promise<ChunkHandled>;

/**
 * Makes the part of a chunk, unless there is one, and completes its page (J3, J4). Rejects when it was interrupted: by a
 * drain, by a lapse, or because AWS could not be reached.
 */
export function createChunkHandler(deps: ChunkDeps): HandleChunk {
  const { reader, openBucket, completion } = deps;
  return async (delivery) => {
    const { chunk, lapsed } = delivery;
    const { signal } = delivery.ends;
    const call = <T>(step: string, make: () => Promise<T>) =>
      inPlace(step, make, { signal, lapsed }, deps);

    const job = await call('read-job', () => reader.job(chunk.job));
    if (job === undefined) return discard('there is no such job');
    const page = await call('read-page', () => reader.page(chunk.job, chunk.page));
    if (page === undefined) return discard('its job has no such page');
    if (chunk.chunk >= chunksOf(page)) return discard('its page has no such chunk');

    const parts = new PartStore(job, openBucket);
    // A copy of a first delivery is so rare that it may classify in vain: its part is not stored.
    const isRedelivery = delivery.receiveCount > 1 || chunk.resent === true;
    const isFound =
      isRedelivery && (await call('find-part', () => parts.exists(chunk.page, chunk.chunk)));
    const handled: PartOutcome = isFound
      ? { kind: 'done', outcome: 'found' }
      : await makePart({ ...delivery, job, page, parts, isRedelivery }, deps);
    if (handled.kind === 'done') await completion.pageTouched(job, page, { signal, lapsed });
    return handled;
  };
}

const discard = (reason: string): ChunkHandled => ({ kind: 'discard', reason });
