import { chargeBoots, type BootCharge } from './boot-charge.ts';
import { maximise, type Point, type Value } from './cutting-planes.ts';
import { finestGrid } from './finest-grid.ts';
import { sumOf } from '../statistics.ts';
import type { SlottedWork } from './slotted-work.ts';
import { WindowCost, type WindowWork } from './window-cost.ts';

/** What a schedule has to do, and what its instances cost. */
export interface BoundProblem {
  /** One after the other; the whole run may be one. */
  windows: readonly WindowWork[];
  /** Of each launch in turn, seconds until its worker is up; as many as are worth knowing, at least one. */
  boots: Float64Array;
  /** A launch costs at least so many seconds. */
  minimumSeconds: number;
  maxWorkers: number;
  /** How fine the grids are: some ten evaluations of so many states each, 20 to 50 million a second. */
  mostStates: number;
}

export interface Bound {
  /** No schedule costs fewer instance-seconds than this. */
  billedSeconds: number;
  /** On these grids no more could have been shown: the search ends when the two are close. */
  atMost: number;
  /** Length of a slot of the coarsest grid; 0: nothing but the work itself was counted. */
  slotSeconds: number;
}

/**
 * A lower bound on the instance-seconds billed to any schedule, one that knows the future included. Every step
 * leaves each schedule possible at no higher cost (docs/fleet-sim.md, The bound).
 *
 * Windows share nothing but time. Each second of an instance is counted in the window that it falls into and in no
 * other, and each launch in the window in which its worker comes up; so what the windows cost at least, each for
 * itself, is in sum no more than the whole. A window for itself asks for less than the schedule does in it:
 * whatever is up as it begins comes from before, at no cost and in any number; work of earlier windows takes no
 * time in it; and of its own work only what is due before it ends has to be done. The first begins with nothing
 * up and the last has no end, so that a run of one window is the whole problem. That all work is done in the end,
 * in whichever window, is asked of the run as a whole.
 */
export function leastCost(problem: BoundProblem): Bound {
  const floor = workAlone(problem);
  const charge = chargeBoots(problem.boots, 1);
  // On the grid a launch is two slots cheaper, and must not come to less than nothing; nor must a worker be up
  // in the slot in which another made room for it.
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
  // More launches than boots are known of cost at least the least of each.
  const known = problem.boots.length * problem.minimumSeconds;
  const billedSeconds = Math.max(floor, Math.min(best.billedSeconds, known));
  return { billedSeconds, atMost: Math.max(billedSeconds, best.atMost), slotSeconds };
}

/** By window; undefined: there are too many images to search one in time. */
type Grids = readonly (SlottedWork | undefined)[];

const coarsest = (grids: Grids): number =>
  grids.reduce((most, grid) => Math.max(most, grid?.slotSeconds ?? 0), 0);

/** The dual bound of the dynamic programs, and how many launches their plans make. */
function gridBound(problem: BoundProblem, grids: Grids, charge: BootCharge) {
  const { windows, minimumSeconds } = problem;
  const coarsestSeconds = coarsest(grids);
  const costs = windows.map((window, index) => {
    const grid = grids[index];
    return (
      grid && new WindowCost(window, grid, { ...problem, charge, coarsestSeconds }, index === 0)
    );
  });
  // A launch for a single chunk costs less than this: at this price nothing is late.
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

/** Of a window without a grid nothing is asked but that its work is done in the end. */
const onlyWork =
  (workSeconds: number) =>
  ([, use]: Point): Value => ({ value: use * workSeconds, slope: [0, workSeconds] });

/** All work has to be done, by at least one instance. */
function workAlone({ windows, boots, minimumSeconds }: BoundProblem): number {
  const work = sumOf(windows.map((window) => sumOf(window.work.workerSeconds)));
  if (windows.every((window) => window.work.arrivals.length === 0)) return 0;
  return Math.max(minimumSeconds, (boots[0] ?? 0) + work);
}
