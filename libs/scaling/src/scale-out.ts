import type { FleetView } from './observation.ts';

/**
 * Who is called back to work when workers are missing: those still draining first, because they may have
 * an image in hand and are sure to be up, then the drained ones. At most `missing` of them.
 */
export function callBack(fleet: FleetView, missing: number): string[] {
  const inState = (wanted: 'draining' | 'drained') =>
    fleet.workers.filter(({ state }) => state === wanted).map(({ id }) => id);
  return [...inState('draining'), ...inState('drained')].slice(0, Math.max(0, missing));
}

/**
 * How many of the missing workers may be launched (F3). Every instance that is not yet terminated counts
 * against max, whatever it is doing, and so does every launch that is not visible yet.
 */
export function launchCount(fleet: FleetView, missing: number, maxWorkers: number): number {
  const { workers, openLaunches, refusedLaunches = 0 } = fleet;
  const room = maxWorkers - workers.length - openLaunches - refusedLaunches;
  return Math.max(0, Math.min(missing, room));
}
