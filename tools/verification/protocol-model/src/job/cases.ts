import type { Cases } from '../cases.ts';
import type { JobRule } from './rules.ts';
import type { JobBounds } from './state.ts';

const small = { pages: [1], chunkImages: 1, deadly: -1, workers: 2, mostReceives: 8 } as const;
const within = (bounds: Partial<JobBounds>): JobBounds => ({ ...small, ...bounds });
/** The second of two images of a chunk kills its workers. */
const deadly = { pages: [2], chunkImages: 2, deadly: 1, workers: 1 } as const;

const breaks = (violation: RegExp) => (bounds: Partial<JobBounds>) => ({
  bounds: within(bounds),
  breaks: violation,
});
const neverAgain = breaks(/never again/);

export const JOB_CASES: Cases<JobRule, JobBounds> = {
  acceptedWhenSent: neverAgain({ gatewayCrashes: 1 }),
  markBeforeSend: breaks(/without a webhook/)({}),
  pageOnce: breaks(/other images than its page/)({ duplicates: 1, sourceChanges: 1 }),
  resendLastPage: neverAgain({ kills: 1 }),
  markEmptyPage: neverAgain({ pages: [1, 0] }),
  partOnce: breaks(/written twice/)({ lapses: 1 }),
  partBeforeDelete: neverAgain({ kills: 1 }),
  foundPartCompletes: neverAgain({ kills: 1 }),
  allParts: breaks(/before its last part|counts other parts/)({ pages: [2] }),
  countStoredParts: breaks(/two different markers|counts other parts/)({ duplicates: 1 }),
  allMarkers: breaks(/before its last part|counts other parts/)({ pages: [1, 1] }),
  planCompletes: neverAgain({}),
  notifyBeforeEnd: breaks(/without a webhook/)({}),
  recordAttempts: breaks(/killed 5 workers/)({ ...deadly }),
  oneImageAtATime: breaks(/good image is exhausted/)({ ...deadly }),
  skipStopped: neverAgain({ cancels: 1 }),
  stopEndsPlan: neverAgain({ cancels: 1, pages: [1, 1] }),
  repair: neverAgain({ purges: 1 }),
  resendDeadLetters: neverAgain({ mostReceives: 1, releases: 1 }),
};

/** Wider bounds than the cases, for --long: up to minutes each. */
export const JOB_WIDE: readonly JobBounds[] = [
  within({ pages: [1, 1], kills: 1 }),
  within({ pages: [1, 0], kills: 2 }),
  within({ pages: [2], lapses: 1 }),
  within({ kills: 1, lapses: 1 }),
  within({ cancels: 1, kills: 1 }),
  within({ pages: [1, 1], purges: 1, sourceChanges: 1 }),
  within({ ...deadly, pages: [2, 1], kills: 1, releases: 1 }),
];
