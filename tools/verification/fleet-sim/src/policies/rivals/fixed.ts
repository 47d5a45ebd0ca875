import type { Rival } from './rival.ts';
import { youngestFirst } from './victims.ts';

/** So many instances all the time: the shortest waits, once they are up, and a bill that load does not change. */
export const fixed = (instances: number): Rival => ({
  name: `fixed-${instances}`,
  start: () => ({
    everySeconds: 2,
    scaleIn: { kind: 'to-size', victim: youngestFirst, graceSeconds: 0 },
    wanted: () => instances,
  }),
});
