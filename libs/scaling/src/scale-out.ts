import type { FleetView, Worker } from './observation.ts';

/** True if a worker drains that is not up yet: if resumed, it serves only after its boot. */
export const isDrainingBoot = (worker: Worker): boolean =>
  worker.state === 'draining' && worker.boots === true;

/**
 * The workers that can be resumed, in order: draining ones first, because they may have an image in flight and are
 * certainly up; then drained ones; then those that are not up yet, oldest boot first.
 */
export function resumable({ workers }: FleetView): Worker[] {
  return [
    ...workers.filter((worker) => worker.state === 'draining' && !isDrainingBoot(worker)),
    ...workers.filter(({ state }) => state === 'drained'),
    ...workers.filter(isDrainingBoot).sort((a, b) => a.launchedAtMs - b.launchedAtMs),
  ];
}

/** The workers to resume when this many are missing: those of `limited` at most `most`. */
export function workersToResume(
  fleet: FleetView,
  missing: number,
  { limited, most }: { limited: ReadonlySet<string>; most: number },
): string[] {
  const ids = resumable(fleet).map(({ id }) => id);
  const refused = new Set(ids.filter((id) => limited.has(id)).slice(most));
  return ids.filter((id) => !refused.has(id)).slice(0, Math.max(0, missing));
}

/**
 * How many of the missing workers may be launched (F3). Every instance that is not yet terminated counts against
 * the maximum, in any state, and so does every launch that is not listed yet.
 */
export function launchCount(fleet: FleetView, missing: number, maxWorkers: number): number {
  const { workers, openLaunches, refusedLaunches = 0 } = fleet;
  const room = maxWorkers - workers.length - openLaunches - refusedLaunches;
  return Math.max(0, Math.min(missing, room));
}
