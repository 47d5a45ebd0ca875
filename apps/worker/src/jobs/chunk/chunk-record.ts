import {
  chunkAttemptsCodec,
  chunkAttemptsKey,
  type ChunkAttempt,
  type ChunkMessage,
} from '@labelfleet/contracts';
import { RecordEntry, type RecordEntryDeps } from '../../attempt/record-entry.ts';
import { inPlace, type InPlaceDeps } from '../in-place.ts';

export interface ChunkRecordDeps extends InPlaceDeps {
  record: RecordEntryDeps;
  newNonce: () => string;
}

/**
 * Works with this worker's entry in the attempt record of a chunk. The entry is withdrawn when the work was released on
 * purpose, which includes every rejection (J6).
 * @param released says so of what the work resolves with
 * @param signal ends the tries to withdraw it
 */
export async function withChunkRecord<T>(
  { job, page, chunk }: ChunkMessage,
  signal: AbortSignal,
  {
    work,
    released,
  }: { work: (entry: RecordEntry<ChunkAttempt>) => Promise<T>; released: (result: T) => boolean },
  deps: ChunkRecordDeps,
): Promise<T> {
  const kind = { key: chunkAttemptsKey(job, page, chunk), codec: chunkAttemptsCodec };
  const entry = new RecordEntry<ChunkAttempt>(kind, deps.newNonce(), deps.record);
  let stays = false;
  try {
    const result = await work(entry);
    stays = !released(result);
    return result;
  } finally {
    if (!stays) await withdraw(entry, signal, deps);
  }
}

async function withdraw(
  entry: RecordEntry<ChunkAttempt>,
  signal: AbortSignal,
  deps: ChunkRecordDeps,
): Promise<void> {
  const { log } = deps;
  const ends = { signal, lapsed: () => false };
  try {
    const outcome = await inPlace('withdraw-attempt', () => entry.withdraw(), ends, deps);
    if (outcome === 'withdrawn') log.info({ event: 'attempt.withdrawn' }, 'attempt withdrawn');
  } catch (error) {
    log.error(
      { event: 'attempt.withdraw-failed', error },
      'attempt not withdrawn: it may stay in the attempt record and count',
    );
  }
}
