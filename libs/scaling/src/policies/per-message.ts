import { byDemand } from './by-demand.ts';

/** One worker per image: the shortest wait, at the highest price. */
export const perMessage = byDemand({
  idleBeforeReleaseSeconds: 5,
  want: (images, label) => ({ workers: images, reason: `${label} at one each` }),
});
