import { plural } from '../plural.ts';
import type { Policy } from './policy.ts';

/** A fixed share of the backlog for every worker. */
export const backlogPerWorker: Policy = {
  idleBeforeReleaseSeconds: 60,
  want: ({ images, imagesPerWorker }) => ({
    workers: Math.ceil(images / imagesPerWorker),
    because: `${plural(images, 'image')} at ${imagesPerWorker} a worker`,
  }),
};
