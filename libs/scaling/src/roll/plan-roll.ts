import type { ScalingSettings } from '../decision.ts';
import { hasChunks, type FleetView, type Worker } from '../observation.ts';
import { plural } from '../plural.ts';
import type { Plan } from '../policies/index.ts';

/** What a roll changes in a decision. */
export interface Roll {
  /** The ids of the workers to replace. */
  outdated: ReadonlySet<string>;
  /** The outdated worker to drain now. */
  drain: string | undefined;
  /** True if a replacement is to be launched beyond the workers that are wanted. */
  launch: boolean;
  /** How many workers beyond those that are wanted are kept: 1 while a replacement is launched or boots. */
  spare: 0 | 1;
  /** How many outdated workers may be resumed. */
  resumable: number;
  /** What the roll does or waits for, in words; empty if no worker is outdated. */
  reason: string;
}

const NO_ROLL: Roll = {
  outdated: new Set(),
  drain: undefined,
  launch: false,
  spare: 0,
  resumable: Infinity,
  reason: '',
};

/**
 * Replaces outdated workers one at a time. Everything is derived from the observation, so that a new leader
 * continues where the last one was:
 * - While outdated workers are needed, one more worker than wanted is launched, if the maximum allows it and no boot
 *   is under way.
 * - An outdated worker is drained when more workers have reported than are wanted, among them a current one that
 *   does its work; and not while another outdated one drains.
 * - At the maximum, where there is no room for a replacement, an outdated worker is drained first, if all workers
 *   are up and boots succeed. If its replacement never boots, no other is drained.
 */
export function planRoll(
  fleet: FleetView,
  outdated: ReadonlySet<string>,
  plan: Plan,
  { maxWorkers }: Pick<ScalingSettings, 'maxWorkers'>,
): Roll {
  if (outdated.size === 0) return NO_ROLL;
  const { desired, live, needed = desired } = plan;
  const failing = fleet.launchLimit?.failing === true;
  const { up, currentUp, booting, serving, drains } = countWorkers(fleet, outdated);

  const due = needed > currentUp;
  const maySwap = (upNow: number) => currentUp > 0 && upNow > desired;
  const swap = maySwap(up) && drains === 0;
  const first = due && up >= maxWorkers && fleet.launchLimit === undefined;
  // A fleet of one would have no worker at all until the replacement is up.
  const drain = swap || first ? nextToDrain(fleet, outdated, first && maxWorkers === 1) : undefined;
  const drained = drain === undefined ? 0 : 1;
  const left = serving > drained;
  const launch =
    left && due && booting === 0 && !maySwap(up - drained) && live - drained >= desired;

  const step = () => {
    if (drain !== undefined)
      return swap ? 'drain 1, its replacement is up' : 'drain 1 to make room for its replacement';
    if (drains > 0) return `${drains} draining or drained`;
    if (failing) return 'none is drained while boots fail';
    if (booting > 0) return 'a replacement boots';
    return launch ? 'a replacement is due' : 'none needs a replacement now';
  };
  // At the maximum one place is left to the replacement of a drained worker.
  const room = desired >= maxWorkers && !failing ? maxWorkers - 1 : desired;
  return {
    ...{ outdated, drain, launch },
    spare: left && (launch || booting > 0) ? 1 : 0,
    resumable: Math.max(0, Math.min(needed, room) - live),
    reason: `; ${plural(outdated.size, 'worker')} outdated: ${step()}`,
  };
}

/** Suspected and leaving workers do not count. */
function countWorkers({ workers, openLaunches }: FleetView, outdated: ReadonlySet<string>) {
  const count = (is: (worker: Worker) => boolean) => workers.filter(is).length;
  const isCurrent = ({ id }: Worker) => !outdated.has(id);
  const isServing = (worker: Worker) => worker.state === 'booting' || isBusyOrIdle(worker);
  return {
    /** Workers that have reported and are not draining. */
    up: count(isUp),
    currentUp: count((worker) => isCurrent(worker) && isUp(worker)),
    /** Current workers that have not reported yet. */
    booting:
      openLaunches + count((worker) => isCurrent(worker) && isServing(worker) && !isUp(worker)),
    serving: count((worker) => !isCurrent(worker) && isServing(worker)),
    drains: count(
      (worker) => !isCurrent(worker) && (worker.state === 'draining' || worker.state === 'drained'),
    ),
  };
}

const isBusyOrIdle = ({ state }: Worker) => state === 'busy' || state === 'idle';

const isUp = (worker: Worker) => isBusyOrIdle(worker) && worker.unheard !== true;

/** One without chunks of jobs first, of these the longest idle, then the oldest busy one. */
function nextToDrain(
  { workers }: FleetView,
  outdated: ReadonlySet<string>,
  onlyIdle: boolean,
): string | undefined {
  const idleSeconds = (worker: Worker) => (worker.state === 'idle' ? worker.idleSeconds : -1);
  return workers
    .filter((worker) => outdated.has(worker.id) && isUp(worker))
    .filter((worker) => !onlyIdle || idleSeconds(worker) > 0)
    .toSorted(
      (a, b) =>
        Number(hasChunks(a)) - Number(hasChunks(b)) ||
        idleSeconds(b) - idleSeconds(a) ||
        a.launchedAtMs - b.launchedAtMs,
    )[0]?.id;
}
