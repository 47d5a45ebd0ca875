import { plural } from '../plural.ts';
import { byDemand } from './by-demand.ts';

/** A fixed share of the backlog for every worker. */
export const backlogPerWorker = byDemand({
  idleBeforeReleaseSeconds: 60,
  want: (images, imagesPerWorker) => ({
    workers: Math.ceil(images / imagesPerWorker),
    because: `${plural(images, 'image')} at ${imagesPerWorker} a worker`,
  }),
});
