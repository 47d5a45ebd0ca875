import type { InstanceMetadata } from '@labelfleet/aws/metadata';
import { isNewer, newestInstruction, type Instruction } from '@labelfleet/contracts';
import type { Logger, Clock } from '@labelfleet/runtime';

const READ_EVERY_MS = 2_000;
/** A worker that cannot read its instructions for this long stops (F8). */
const UNREADABLE_LIMIT_MS = 60_000;

interface DrainWatchDeps {
  metadata: Pick<InstanceMetadata, 'tags' | 'spotInterruption'>;
  /** Called for every new instruction. The newest one counts (F4). */
  follow: (instruction: Instruction) => void;
  /** Called after every read that gave no reason to stop, also a failed one. Comes after `follow`. */
  onRead: () => void;
  clock: Pick<Clock, 'monotonicMs' | 'sleep'>;
  log: Logger;
}

/**
 * Reads the tags and the Spot notice of the worker's instance every 2 s. Resolves with the reason why the
 * worker has to stop, or with undefined when the signal is aborted.
 */
export async function watchForDrain(
  { metadata, follow, onRead, clock, log }: DrainWatchDeps,
  signal: AbortSignal,
): Promise<string | undefined> {
  let readAtMs = clock.monotonicMs();
  let currentId: string | undefined;
  while (!signal.aborted) {
    const [tags, notice] = await Promise.all([
      readOrUndefined(() => metadata.tags(), log),
      readOrUndefined(() => metadata.spotInterruption(), log),
    ]);
    if (signal.aborted) break;
    if (tags !== undefined) {
      readAtMs = clock.monotonicMs();
      const instruction = newestInstruction(tags);
      if (instruction !== undefined && isNewer(instruction, currentId)) {
        follow(instruction);
        currentId = instruction.id;
      }
    } else if (clock.monotonicMs() - readAtMs >= UNREADABLE_LIMIT_MS) {
      return `the tags could not be read for ${UNREADABLE_LIMIT_MS / 1000} s`;
    }
    if (notice) return `Spot notice: ${notice.action} at ${notice.at.toISOString()}`;
    onRead();
    await clock.sleep(READ_EVERY_MS, signal);
  }
  return undefined;
}

/** Undefined: the read failed. */
async function readOrUndefined<T>(read: () => Promise<T>, log: Logger): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    log.warn({ event: 'metadata.read-failed', error }, 'instance metadata not read');
    return undefined;
  }
}
