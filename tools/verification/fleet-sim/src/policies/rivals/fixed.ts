import type { Rival } from './rival.ts';
import { toSize, youngestFirst } from './victims.ts';

/** A constant number of instances: the shortest waits once they are up, at a cost that is independent of load. */
export const fixed = (instances: number): Rival => ({
  name: `fixed-${instances}`,
  everySeconds: 2,
  scaleIn: toSize(youngestFirst),
  start: () => () => instances,
});
