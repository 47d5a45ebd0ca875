import { plural } from '../plural.ts';
import type { Policy } from './policy.ts';

/** One worker per image: the shortest wait that launching can buy, at the highest price. */
export const perMessage: Policy = {
  idleBeforeReleaseSeconds: 5,
  want: ({ images }) => ({
    workers: images,
    because: `${plural(images, 'image')} at one each`,
  }),
};
