import type { FleetView, Worker } from './observation.ts';

/** Whether a worker drains that has not come up yet: called back, it serves only after its boot. */
export const drainsAsBoot = (worker: Worker): boolean =>
  worker.state === 'draining' && worker.boots === true;

/**
 * Who can be called back to work, in the order in which they are: those still draining first, because they may
 * have an image in hand and are sure to be up, then the drained ones, then those that have not come up yet, the
 * oldest boot first.
 */
export function callable({ workers }: FleetView): Worker[] {
  return [
    ...workers.filter((worker) => worker.state === 'draining' && !drainsAsBoot(worker)),
    ...workers.filter(({ state }) => state === 'drained'),
    ...workers.filter(drainsAsBoot).sort((a, b) => a.launchedAtMs - b.launchedAtMs),
  ];
}

/** Who is called back when so many workers are missing. */
export const callBack = (fleet: FleetView, missing: number): string[] =>
  callable(fleet)
    .slice(0, Math.max(0, missing))
    .map(({ id }) => id);

/**
 * How many of the missing workers may be launched (F3). Every instance that is not yet terminated counts
 * against max, whatever it is doing, and so does every launch that is not visible yet.
 */
export function launchCount(fleet: FleetView, missing: number, maxWorkers: number): number {
  const { workers, openLaunches, refusedLaunches = 0 } = fleet;
  const room = maxWorkers - workers.length - openLaunches - refusedLaunches;
  return Math.max(0, Math.min(missing, room));
}
