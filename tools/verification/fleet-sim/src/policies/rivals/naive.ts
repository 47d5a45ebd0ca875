import type { Rival } from './rival.ts';
import { toSize, youngestFirst } from './victims.ts';

/**
 * The simplest policy: launch for waiting messages, and terminate all instances when none wait, even busy ones.
 * The product's policies of similar names count images in flight and drain.
 * @param imagesPerInstance 1: one instance for each message
 */
export const naive = (name: string, imagesPerInstance: number): Rival => ({
  name,
  everySeconds: 2,
  scaleIn: toSize(youngestFirst),
  start:
    () =>
    ({ queue: { visible }, workers }) =>
      visible === 0 ? 0 : Math.max(workers.length, Math.ceil(visible / imagesPerInstance)),
});
