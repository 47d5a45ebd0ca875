import type { ActiveJob } from './jobs/active-job.ts';
import type { Learned } from './learned.ts';

/** A value that was observed, or why it could not be. With an unknown value `decide` changes nothing. */
export type Observed<T> = { kind: 'known'; value: T } | { kind: 'unknown'; reason: string };

/** Messages on the request queue. */
export interface Backlog {
  visible: number;
  /** Received by a worker and not yet deleted: images in progress. */
  inFlight: number;
  delayed: number;
}

/** A version of a launch template: its number. */
export interface TemplateVersion {
  id: string;
  version: string;
}

/**
 * One instance that is not yet terminated. `model` is the model that its heartbeat names, if any; `template` is what
 * it was launched from, if known. `unheard`: it has sent this scaler no heartbeat, so that its state is assumed.
 * - `booting`: has sent no heartbeat yet.
 * `chunks`: how many chunks of jobs it works on; absent: none. A worker with chunks may be idle, because it serves
 * requests first.
 * - `idle`: had no request in flight at its last heartbeat, `reportedAtMs`. `idleSeconds` is for how long; it stays 0
 *   until a poll has returned empty, so a worker between two images of a light load has 0.
 * - `busy`: processes images, or its state is unknown.
 * - `draining`: finishes its images and takes no more; can be resumed. `instructed` is false if this scaler does
 *   not know the instruction that it follows, so that it needs a new one before it can be terminated. `boots`: it has
 *   sent no heartbeat yet, and will drain as soon as it is up.
 * - `drained`: drained under its current instruction; can be resumed or terminated.
 * - `suspected`: has been silent for so long that it may hang (F7). It is not counted as capacity and is not
 *   resumed, but it counts against the maximum. `images` is how many it had in flight at its last heartbeat: they
 *   wait for another worker.
 * - `leaving`: is certain to end: it is being terminated, or drains without an instruction.
 */
export type Worker = {
  id: string;
  launchedAtMs: number;
  model?: string;
  template?: TemplateVersion;
  unheard?: true;
} & (
  | { state: 'booting' | 'drained' | 'leaving' }
  | { state: 'busy'; chunks?: number }
  | { state: 'idle'; idleSeconds: number; reportedAtMs: number; chunks?: number }
  | { state: 'draining'; instructed: boolean; boots?: true }
  | { state: 'suspected'; images: number }
);

export interface FleetView {
  workers: readonly Worker[];
  /** Instances launched that no listing shows yet. */
  openLaunches: number;
  /**
   * Instances of refused launches of which an earlier call may still reach EC2: they count against the maximum, but
   * not as expected workers. Absent: none.
   */
  refusedLaunches?: number;
  /**
   * How many workers may be launched now because boots fail or many are under way, and why. While boots are
   * `failing`, the reason is shown even if nothing is to be launched. Absent: no limit but the maximum.
   */
  launchLimit?: { most: number; failing: boolean; reason: string };
  /** What workers are launched from now. Absent: unknown, or workers are not rolled. */
  newestTemplate?: TemplateVersion;
}

/** The input of a decision. Plain data, so that a recorded decision can be replayed. */
export interface Observation {
  backlog: Observed<Backlog>;
  fleet: Observed<FleetView>;
  /** What was learned from heartbeats. */
  learned: Learned;
  /**
   * Images completed so far according to the heartbeats of all workers, ended ones included. Only differences are
   * meaningful: together with differences of the backlog they give the arrivals. The number lags behind the backlog
   * by the age of the heartbeats, and starts at 0 with each scaler.
   */
  completed: number;
  /**
   * Requests that gateways refused for want of workers and whose callers are expected to retry. They are on no
   * queue. Absent: none.
   */
  refused?: number;
  /** The jobs that are not completed, the oldest first. Absent: there is no batch queue. */
  jobs?: Observed<readonly ActiveJob[]>;
}

/** Workers that are up or will be up without further action, to compare with the demand. */
export function countLive(fleet: FleetView): number {
  const serving = fleet.workers.filter(
    ({ state }) => state === 'booting' || state === 'idle' || state === 'busy',
  );
  return serving.length + fleet.openLaunches;
}

/**
 * Counts workers by state; launches that no listing shows yet count as booting, and workers with chunks of jobs as
 * busy.
 */
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
  for (const worker of workers) counts[hasChunks(worker) ? 'busy' : worker.state] += 1;
  return counts;
}

/** True if a worker works on chunks of jobs. */
export const hasChunks = (worker: Worker): boolean =>
  (worker.state === 'idle' || worker.state === 'busy') && (worker.chunks ?? 0) > 0;

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
