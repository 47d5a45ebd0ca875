import type { Policy } from '../engine/simulate.ts';
import type { Workload } from '../types.ts';
import { aWorld, bothChanges, type WorldChanges } from '../world-settings.ts';

/** A deterministic world: every boot takes 40 s, and there is no lag. */
export const plainWorld = (changes: WorldChanges = {}) =>
  aWorld(
    bothChanges(
      {
        boot: { medianSeconds: 40, logSpread: 0 },
        api: { listingLagSeconds: 0, countLagSeconds: 0, reportLagSeconds: 0 },
      },
      changes,
    ),
  );

/** A workload with images at these times. Default: 1 s of service each. */
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

/** A policy that launches so many instances at the first tick and does nothing else. */
export const launchOnce = (count: number): Policy => ({
  name: `launch-${count}`,
  start: (world) => () => {
    if (world.now === 0) world.launch(count);
  },
});
