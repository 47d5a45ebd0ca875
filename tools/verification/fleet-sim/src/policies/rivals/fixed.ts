import type { Rival } from './rival.ts';
import { youngestFirst } from './victims.ts';

/** A constant number of instances: the shortest waits once they are up, at a cost that is independent of load. */
export const fixed = (instances: number): Rival => ({
  name: `fixed-${instances}`,
  start: () => ({
    everySeconds: 2,
    scaleIn: { kind: 'to-size', victim: youngestFirst, graceSeconds: 0 },
    wanted: () => instances,
  }),
});
