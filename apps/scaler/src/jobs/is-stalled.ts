import { MAX_PAGE_IMAGES } from '@labelfleet/contracts';
import { jobImageSeconds, type Learned } from '@labelfleet/scaling';

const STALLED_AFTER_SECONDS = 15 * 60;

/**
 * True if no job has made progress for so long that something must be wrong: 15 min, or three times what one worker
 * needs for a page, since progress is seen page by page.
 */
export function isStalled(seconds: number, learned: Learned): boolean {
  const pageSeconds = MAX_PAGE_IMAGES * (jobImageSeconds(learned) ?? 0);
  return seconds >= Math.max(STALLED_AFTER_SECONDS, 3 * pageSeconds);
}
