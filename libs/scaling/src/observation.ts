import type { Learned } from './learned.ts';

/** What was looked at, or why it could not be seen. A failed look is a value: decide holds still on it. */
export type Observed<T> = { kind: 'known'; value: T } | { kind: 'unknown'; reason: string };

/** Messages on the request queue. */
export interface Backlog {
  visible: number;
  /** Received by a worker and not yet deleted: images being worked on. */
  inFlight: number;
  delayed: number;
}

/**
 * One instance that is not yet terminated. `model` is the one that it said it serves, where it did.
 * - `booting`: has not reported yet.
 * - `idle`: had no image in hand at its last report, `reportedAtMs`. `idleSeconds` is for how long; it stays 0
 *   until a poll has come back empty, so a worker between two images of a light load has 0.
 * - `busy`: works on images, or nothing is known of it.
 * - `draining`: finishes what it has and takes no more; can be called back. `instructed` is false where the
 *   instruction it follows is not known to us, so that only a fresh one can end in its release. `boots`: it has
 *   not reported yet, and will have drained as soon as it is up.
 * - `drained`: drained under its current instruction; can be called back or terminated.
 * - `suspected`: has not been heard for so long that it may hang (F7). It is no capacity and is not called back; it
 *   counts against max. `images` is how many it had in hand at its last report: they wait for another worker.
 * - `leaving`: ends whatever happens: being terminated, or draining by itself.
 */
export type Worker = { id: string; launchedAtMs: number; model?: string } & (
  | { state: 'booting' | 'busy' | 'drained' | 'leaving' }
  | { state: 'idle'; idleSeconds: number; reportedAtMs: number }
  | { state: 'draining'; instructed: boolean; boots?: true }
  | { state: 'suspected'; images: number }
);

export interface FleetView {
  workers: readonly Worker[];
  /** Instances asked for that no listing shows yet. */
  openLaunches: number;
  /**
   * Instances of launches that were refused, but of which an earlier call may still come through: they count
   * against max, and not as workers to come. Absent: none.
   */
  refusedLaunches?: number;
  /**
   * How many may be launched now, as boots fail or as too many are under way that may, and in words why. While they
   * are `failing` that is told even where nothing is to be launched. Absent: no limit but max.
   */
  launchLimit?: { most: number; failing: boolean; reason: string };
}

/** Everything a decision is made from. Plain data, so that a recorded one can be replayed. */
export interface Observation {
  backlog: Observed<Backlog>;
  fleet: Observed<FleetView>;
  /** What the fleet's own reports taught. */
  learned: Learned;
  /**
   * Images completed so far, as the reports of all workers tell, gone ones included. Only differences mean
   * something: with those of the backlog they tell how many images arrived. It lags behind the backlog by the
   * age of the reports, and a scaler that starts begins at 0.
   */
  completed: number;
  /**
   * Requests that gateways refused for want of workers and whose callers are expected to come again. They are
   * on no queue. Absent: none.
   */
  refused?: number;
}

/** Workers that serve or will serve without being told: what is compared with the demand. */
export function countLive(fleet: FleetView): number {
  const serving = fleet.workers.filter(
    ({ state }) => state === 'booting' || state === 'idle' || state === 'busy',
  );
  return serving.length + fleet.openLaunches;
}

/** How many workers are in each state; launches that no listing shows yet are booting. */
export function countStates({ workers, openLaunches }: FleetView) {
  const counts = {
    booting: openLaunches,
    idle: 0,
    busy: 0,
    draining: 0,
    drained: 0,
    suspected: 0,
    leaving: 0,
  };
  for (const { state } of workers) counts[state] += 1;
  return counts;
}

/**
 * Images there are to classify. Half of an image in flight is done on average, but nothing is of one that a
 * suspected worker holds.
 */
export function openImages({ visible, inFlight }: Backlog, { workers }: FleetView): number {
  const held = workers.reduce(
    (sum, worker) => sum + (worker.state === 'suspected' ? worker.images : 0),
    0,
  );
  return visible + (inFlight + Math.min(held, inFlight)) / 2;
}
