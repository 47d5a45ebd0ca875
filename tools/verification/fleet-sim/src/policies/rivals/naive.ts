import type { Rival } from './rival.ts';
import { youngestFirst } from './victims.ts';

/**
 * The simplest policy: launch for waiting messages, and terminate all instances when none wait, even busy ones.
 * The product's policies of similar names count images in flight and drain.
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
