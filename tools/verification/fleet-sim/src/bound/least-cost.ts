import { chargeBoots, type BootCharge } from './boot-charge.ts';
import { maximise, type Point, type Value } from './cutting-planes.ts';
import { finestGrid } from './finest-grid.ts';
import { sumOf } from '../statistics.ts';
import type { SlottedWork } from './slotted-work.ts';
import { WindowCost, type WindowWork } from './window-cost.ts';

/** The work of a schedule and the cost of its instances. */
export interface BoundProblem {
  /** Consecutive windows; the whole run may be one. */
  windows: readonly WindowWork[];
  /** Boot seconds of each launch in order; at least one. */
  boots: Float64Array;
  /** The minimum billed seconds of a launch. */
  minimumSeconds: number;
  maxWorkers: number;
  /** The number of states of a grid. The search takes about ten evaluations, at 20 to 50 million states a second. */
  mostStates: number;
}

export interface Bound {
  /** No schedule costs fewer instance-seconds than this. */
  billedSeconds: number;
  /** An upper bound of what these grids can show: the search ends when the two are close. */
  atMost: number;
  /** Length of a slot of the coarsest grid; 0: only the work was counted. */
  slotSeconds: number;
}

/**
 * A lower bound of the instance-seconds billed to any schedule, even one that knows the future. Every relaxation
 * keeps each schedule possible at no higher cost (docs/fleet-sim.md, The bound).
 *
 * Windows are independent. Each instance-second counts in its own window, and each launch in the window in which its
 * worker comes up, so the sum of the windows' minima is at most the minimum of the whole. A window relaxes the
 * problem: any number of workers may be up at its start at no cost, work of earlier windows takes no time, and only
 * work that is due before its end must be done. The first window starts with no workers and the last has no end, so a
 * run of one window is the whole problem. That all work is done eventually is a condition on the whole run.
 */
export function leastCost(problem: BoundProblem): Bound {
  const floor = workAlone(problem);
  const charge = chargeBoots(problem.boots, 1);
  // On the grid a launch is two slots cheaper, and must not cost less than nothing; nor may a worker be up in the
  // slot in which another made room for it.
  const mostSlotSeconds = Math.min(
    (charge.typicalSeconds - charge.sparedSeconds) / 2,
    problem.boots.reduce((least, boot) => Math.min(least, boot), Infinity),
  );
  const { maxWorkers, windows } = problem;
  const mostStates = problem.mostStates / windows.length;
  const grids = windows.map((window) =>
    finestGrid({ ...window, maxWorkers, mostSlotSeconds, mostStates }),
  );
  const slotSeconds = coarsest(grids);
  if (slotSeconds === 0) return { billedSeconds: floor, atMost: floor, slotSeconds };
  let best = gridBound(problem, grids, charge);
  if (best.launches > 1) {
    const again = gridBound(problem, grids, chargeBoots(problem.boots, best.launches));
    if (again.billedSeconds > best.billedSeconds) best = again;
  }
  // Launches beyond the known boots cost at least the minimum each.
  const known = problem.boots.length * problem.minimumSeconds;
  const billedSeconds = Math.max(floor, Math.min(best.billedSeconds, known));
  return { billedSeconds, atMost: Math.max(billedSeconds, best.atMost), slotSeconds };
}

/** The grid of each window; undefined if it has too many images for the search. */
type Grids = readonly (SlottedWork | undefined)[];

const coarsest = (grids: Grids): number =>
  grids.reduce((most, grid) => Math.max(most, grid?.slotSeconds ?? 0), 0);

/** The dual bound of the dynamic programs, and the launches of their plans. */
function gridBound(problem: BoundProblem, grids: Grids, charge: BootCharge) {
  const { windows, minimumSeconds } = problem;
  const coarsestSeconds = coarsest(grids);
  const costs = windows.map((window, index) => {
    const grid = grids[index];
    return (
      grid && new WindowCost(window, grid, { ...problem, charge, coarsestSeconds }, index === 0)
    );
  });
  // A launch for a single chunk costs less, so at this price nothing is late.
  const neverLate = Math.max(minimumSeconds, charge.typicalSeconds) + coarsestSeconds;
  const { value, atMost } = maximise(
    windows.map(({ work }, index) => {
      const cost = costs[index];
      return cost === undefined ? onlyWork(sumOf(work.workerSeconds)) : (point) => cost.at(point);
    }),
    [neverLate, 1],
  );
  return {
    billedSeconds: value - charge.onceSeconds,
    atMost: atMost - charge.onceSeconds,
    launches: costs.reduce((sum, cost) => sum + (cost?.launches ?? 0), 0),
  };
}

/** For a window without a grid the only condition is that its work is done eventually. */
const onlyWork =
  (workSeconds: number) =>
  ([, use]: Point): Value => ({ value: use * workSeconds, slope: [0, workSeconds] });

/** All work must be done, by at least one instance. */
function workAlone({ windows, boots, minimumSeconds }: BoundProblem): number {
  const work = sumOf(windows.map((window) => sumOf(window.work.workerSeconds)));
  if (windows.every((window) => window.work.arrivals.length === 0)) return 0;
  return Math.max(minimumSeconds, (boots[0] ?? 0) + work);
}
