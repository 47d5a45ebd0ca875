import { ALIVE_AT_TAG } from '@labelfleet/contracts';

/** Fifteen signs of life missed: longer than any pause of a gateway that still has callers. */
export const ORPHANED_AFTER_MS = 15 * 60 * 1000;

/**
 * Whether a queue's gateway has been silent for so long that nobody reads it. A queue without a readable sign
 * of life was not made by a gateway for itself, and is nobody's to sweep.
 */
export function isOrphaned(tags: Readonly<Record<string, string>>, now: number): boolean {
  const aliveAt = Date.parse(tags[ALIVE_AT_TAG] ?? '');
  return now - aliveAt >= ORPHANED_AFTER_MS;
}
