import { ALIVE_AT_TAG } from '@labelfleet/contracts';

/** Fifteen missed alive tags: longer than any pause of a gateway that still has callers. */
export const ORPHANED_AFTER_MS = 15 * 60 * 1000;

/**
 * True if the queue's gateway has been silent for so long that the queue has no reader. A queue without a readable
 * alive tag is not a gateway's reply queue and must not be swept.
 */
export function isOrphaned(tags: Readonly<Record<string, string>>, now: number): boolean {
  const aliveAt = Date.parse(tags[ALIVE_AT_TAG] ?? '');
  return now - aliveAt >= ORPHANED_AFTER_MS;
}
