import { byDemand } from './by-demand.ts';

/** A fixed share of the backlog for every worker. */
export const backlogPerWorker = byDemand({
  idleBeforeReleaseSeconds: 60,
  want: (images, said, imagesPerWorker) => ({
    workers: Math.ceil(images / imagesPerWorker),
    reason: `${said} at ${imagesPerWorker} a worker`,
  }),
});
