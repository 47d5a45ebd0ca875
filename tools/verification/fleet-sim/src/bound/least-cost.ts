import { chargeBoots, type BootCharge } from './boot-charge.ts';
import { maximise, type Point, type Value } from './cutting-planes.ts';
import { FleetProgram } from './fleet-program.ts';
import { finestGrid } from './finest-grid.ts';
import { sumOf } from '../statistics.ts';
import type { FluidWork, SlottedWork } from './slotted-work.ts';

/** The images that arrive in one window of a run, and the condition on them. */
export interface WindowWork {
  /** Arrivals are relative to the start of the window. */
  work: FluidWork;
  /** The longest wait of all but `mostLate` images. */
  waitSeconds: number;
  mostLate: number;
  /** From the start of this window to that of the next; Infinity for the last. */
  untilSeconds: number;
}

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
  if (slotSeconds === 0) return { billedSeconds: floor, slotSeconds };
  let best = gridBound(problem, grids, charge);
  if (best.launches > 1) {
    const again = gridBound(problem, grids, chargeBoots(problem.boots, best.launches));
    if (again.billedSeconds > best.billedSeconds) best = again;
  }
  // Launches beyond the known boots cost at least the minimum each.
  const known = problem.boots.length * problem.minimumSeconds;
  return { billedSeconds: Math.max(floor, Math.min(best.billedSeconds, known)), slotSeconds };
}

/** The grid of each window; undefined if it has too many images for the search. */
type Grids = readonly (SlottedWork | undefined)[];

const coarsest = (grids: Grids): number =>
  grids.reduce((most, grid) => Math.max(most, grid?.slotSeconds ?? 0), 0);

/** The dual bound of the dynamic programs, and the launches of their plans. */
function gridBound(problem: BoundProblem, grids: Grids, charge: BootCharge) {
  const coarsestSeconds = coarsest(grids);
  const parts = problem.windows.map((window, index) =>
    windowDual(problem, window, grids[index], charge, coarsestSeconds, index === 0),
  );
  // A launch for a single chunk costs less, so at this price nothing is late.
  const neverLate = Math.max(problem.minimumSeconds, charge.typicalSeconds) + coarsestSeconds;
  const launches = parts.map(() => 0);
  const { value } = maximise(
    parts.map((part, index) => (point) => {
      const { launches: planned, ...at } = part(point);
      launches[index] = planned;
      return at;
    }),
    [neverLate, 1],
  );
  return { billedSeconds: value - charge.onceSeconds, launches: sumOf(launches) };
}

/** A window's share of the dual bound by the prices of a late chunk and of an up second, and its plan's launches. */
type WindowDual = (prices: Point) => Value & { launches: number };

/** @param isFirst true if no worker is up at its start */
function windowDual(
  { minimumSeconds, maxWorkers }: BoundProblem,
  { work, mostLate, untilSeconds }: WindowWork,
  grid: SlottedWork | undefined,
  charge: BootCharge,
  coarsestSeconds: number,
  isFirst: boolean,
): WindowDual {
  const workSeconds = sumOf(work.workerSeconds);
  // Without a grid the only condition is that its work is done eventually.
  if (grid === undefined)
    return ([, use]) => ({ value: use * workSeconds, slope: [0, workSeconds], launches: 0 });
  const { slotSeconds, chunksPerSlot } = grid;
  // On the grid an instance is up for at most one slot more at its start and one, maybe of another window, at
  // its end.
  const booted = charge.typicalSeconds - slotSeconds - coarsestSeconds;
  const launchSeconds = booted - charge.sparedSeconds;
  const program = new FleetProgram(grid, {
    launchSeconds,
    leastSlots: Math.max(0, Math.floor((minimumSeconds - booted) / slotSeconds)),
    maxWorkers,
    anyBefore: !isFirst,
    slotsAfter: Math.floor((untilSeconds - grid.released.length * slotSeconds) / slotSeconds),
  });
  const largestFirst = Float64Array.from(work.workerSeconds).sort().reverse();
  const mayBeLate = (sumOf(largestFirst.subarray(0, mostLate)) * chunksPerSlot) / slotSeconds;
  return ([late, use]) => {
    const { cost, lateChunks, upSeconds } = program.cheapest({ late, use });
    return {
      value: cost + use * workSeconds - late * mayBeLate,
      slope: [lateChunks - mayBeLate, workSeconds - upSeconds],
      launches: (cost - late * lateChunks - (1 - use) * upSeconds) / launchSeconds,
    };
  };
}

/** All work must be done, by at least one instance. */
function workAlone({ windows, boots, minimumSeconds }: BoundProblem): number {
  const work = sumOf(windows.map((window) => sumOf(window.work.workerSeconds)));
  if (windows.every((window) => window.work.arrivals.length === 0)) return 0;
  return Math.max(minimumSeconds, (boots[0] ?? 0) + work);
}
