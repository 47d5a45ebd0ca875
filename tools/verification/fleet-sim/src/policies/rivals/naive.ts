import type { Rival } from './rival.ts';
import { youngestFirst } from './victims.ts';

/**
 * What many begin with: launch for what waits, and terminate everything once nothing waits any more, whatever
 * is still being worked on. Not to be mistaken for the product's policies of similar names, which count the
 * images in flight and drain.
 * @param imagesPerInstance 1: one instance for each message
 */
export const naive = (name: string, imagesPerInstance: number): Rival => ({
  name,
  start: () => ({
    everySeconds: 2,
    scaleIn: { kind: 'to-size', victim: youngestFirst, graceSeconds: 0 },
    wanted: ({ queue, workers }) =>
      queue.visible === 0
        ? 0
        : Math.max(workers.length, Math.ceil(queue.visible / imagesPerInstance)),
  }),
});
