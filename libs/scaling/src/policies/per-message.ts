import { byDemand } from './by-demand.ts';

/** One worker per image: the shortest wait that launching can buy, at the highest price. */
export const perMessage = byDemand({
  idleBeforeReleaseSeconds: 5,
  want: (images, said) => ({ workers: images, reason: `${said} at one each` }),
});
