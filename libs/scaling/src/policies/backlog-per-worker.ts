import { byDemand } from './by-demand.ts';

/** A fixed number of images for every worker. */
export const backlogPerWorker = byDemand({
  idleBeforeReleaseSeconds: 60,
  want: (images, label, imagesPerWorker) => ({
    workers: Math.ceil(images / imagesPerWorker),
    reason: `${label} at ${imagesPerWorker} a worker`,
  }),
});
