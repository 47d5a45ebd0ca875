import type { Workload } from '../types.ts';
import { aWorld, type WorldChanges } from '../world-settings.ts';

/** A world in which nothing is left to chance: every boot takes 40 s, and everything is seen at once. */
export const plainWorld = (changes: WorldChanges = {}) =>
  aWorld({
    ...changes,
    boot: { medianSeconds: 40, logSpread: 0, ...changes.boot },
    api: { listingLagSeconds: 0, countLagSeconds: 0, reportLagSeconds: 0, ...changes.api },
  });

/** Images at these times, of 1 s each unless said otherwise. */
export function aWorkload(
  arrivals: readonly number[],
  changes: Partial<Omit<Workload, 'arrivals' | 'world'>> & { world?: WorldChanges } = {},
): Workload {
  const { world, ...others } = changes;
  return {
    name: 'test',
    arrivals,
    serviceSeconds: arrivals.map(() => 1),
    durationSeconds: 300,
    seed: 1,
    ...others,
    world: plainWorld(world),
  };
}
