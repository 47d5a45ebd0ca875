import { chargeBoots, type BootCharge } from './boot-charge.ts';
import { maximise } from './cutting-planes.ts';
import { finestGrid } from './finest-grid.ts';
import { FleetProgram } from './fleet-program.ts';
import { type FluidWork, type SlottedWork, sumOf } from './slotted-work.ts';

/** What a schedule has to do, and what its instances cost. */
export interface BoundProblem {
  work: FluidWork;
  /** The wait that all but `mostLate` images keep. */
  waitSeconds: number;
  mostLate: number;
  /** Of each launch in turn, seconds until its worker is up; as many as are worth knowing, at least one. */
  boots: Float64Array;
  /** A launch costs at least so many seconds. */
  minimumSeconds: number;
  maxWorkers: number;
  /** How fine the grid is: some ten evaluations of so many states each, 20 to 50 million a second. */
  mostStates: number;
}

export interface Bound {
  /** No schedule costs fewer instance-seconds than this. */
  billedSeconds: number;
  /** On this grid no more could have been shown: the search ends when the two are close. */
  atMost: number;
  /** Length of a slot of the grid; 0: nothing but the work itself was counted. */
  slotSeconds: number;
}

/**
 * A lower bound on the instance-seconds billed to any schedule, one that knows the future included. Every step
 * leaves each schedule possible at no higher cost (docs/scaling-report/method.md).
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
  const work = finestGrid({ ...problem, mostSlotSeconds });
  if (work === undefined) return { billedSeconds: floor, atMost: floor, slotSeconds: 0 };
  let best = gridBound(problem, work, charge);
  if (best.launches > 1) {
    const again = gridBound(problem, work, chargeBoots(problem.boots, best.launches));
    if (again.billedSeconds > best.billedSeconds) best = again;
  }
  // More launches than boots are known of cost at least the least of each.
  const known = problem.boots.length * problem.minimumSeconds;
  const billedSeconds = Math.max(floor, Math.min(best.billedSeconds, known));
  return {
    billedSeconds,
    atMost: Math.max(billedSeconds, best.atMost),
    slotSeconds: work.slotSeconds,
  };
}

/** The dual bound of the dynamic program, and how many launches its plan makes. */
function gridBound(problem: BoundProblem, work: SlottedWork, charge: BootCharge) {
  const { slotSeconds, workSeconds } = work;
  const booted = charge.typicalSeconds - 2 * slotSeconds;
  const launchSeconds = booted - charge.sparedSeconds;
  const leastSlots = Math.max(0, Math.floor((problem.minimumSeconds - booted) / slotSeconds));
  const program = new FleetProgram(work, {
    launchSeconds,
    leastSlots,
    maxWorkers: problem.maxWorkers,
  });
  const lateChunks = lateSeconds(problem) / (slotSeconds / work.chunksPerSlot);
  let launches = 0;
  // A launch for a single chunk costs less than this: at this price nothing is late.
  const neverLate = Math.max(problem.minimumSeconds, charge.typicalSeconds) + slotSeconds;
  const { value, atMost } = maximise(
    ([late, use]) => {
      const way = program.cheapest({ late, use });
      launches = (way.cost - late * way.lateChunks - (1 - use) * way.upSeconds) / launchSeconds;
      return {
        value: way.cost + use * workSeconds - late * lateChunks - charge.onceSeconds,
        slope: [way.lateChunks - lateChunks, workSeconds - way.upSeconds],
      };
    },
    [neverLate, 1],
  );
  return { billedSeconds: value, atMost, launches };
}

/** All work has to be done, by at least one instance. */
function workAlone({ work, boots, minimumSeconds }: BoundProblem): number {
  if (work.arrivals.length === 0) return 0;
  return Math.max(minimumSeconds, (boots[0] ?? 0) + sumOf(work.workerSeconds));
}

/** The most work that images can be late with, if no more than `mostLate` are. */
function lateSeconds({ work, mostLate }: BoundProblem): number {
  const sorted = Float64Array.from(work.workerSeconds).sort();
  const largest = sorted.subarray(Math.max(0, sorted.length - mostLate));
  return sumOf(largest);
}
