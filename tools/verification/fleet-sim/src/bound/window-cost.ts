import type { BootCharge } from './boot-charge.ts';
import type { Point, Value } from './cutting-planes.ts';
import { FleetProgram } from './fleet-program.ts';
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

/** The settings that all windows of a run share. */
interface RunCosts {
  charge: BootCharge;
  minimumSeconds: number;
  maxWorkers: number;
  /** The longest slot of any window's grid. */
  coarsestSeconds: number;
}

/** The minimum cost of a window on its grid, by the prices of a late chunk and of an up second. */
export class WindowCost {
  readonly #program: FleetProgram;
  readonly #launchSeconds: number;
  readonly #lateChunks: number;
  readonly #workSeconds: number;
  /** Launches of the cheapest plan at the latest prices. */
  launches = 0;

  /** @param isFirst true if no worker is up at its start */
  constructor(window: WindowWork, grid: SlottedWork, costs: RunCosts, isFirst: boolean) {
    const { slotSeconds, chunksPerSlot, workSeconds } = grid;
    const { charge, minimumSeconds, maxWorkers, coarsestSeconds } = costs;
    // On the grid an instance is up for at most one slot more at its start and one, maybe of another window, at
    // its end.
    const booted = charge.typicalSeconds - slotSeconds - coarsestSeconds;
    this.#launchSeconds = booted - charge.sparedSeconds;
    const gridSeconds = grid.released.length * slotSeconds;
    this.#program = new FleetProgram(grid, {
      launchSeconds: this.#launchSeconds,
      leastSlots: Math.max(0, Math.floor((minimumSeconds - booted) / slotSeconds)),
      maxWorkers,
      anyBefore: !isFirst,
      slotsAfter: Math.floor((window.untilSeconds - gridSeconds) / slotSeconds),
    });
    this.#lateChunks = lateSeconds(window) / (slotSeconds / chunksPerSlot);
    this.#workSeconds = workSeconds;
  }

  /** Its share of the dual bound at these prices. */
  at([late, use]: Point): Value {
    const way = this.#program.cheapest({ late, use });
    this.launches =
      (way.cost - late * way.lateChunks - (1 - use) * way.upSeconds) / this.#launchSeconds;
    return {
      value: way.cost + use * this.#workSeconds - late * this.#lateChunks,
      slope: [way.lateChunks - this.#lateChunks, this.#workSeconds - way.upSeconds],
    };
  }
}

/** The largest work of `mostLate` images. */
function lateSeconds({ work, mostLate }: WindowWork): number {
  const sorted = Float64Array.from(work.workerSeconds).sort();
  const largest = sorted.subarray(Math.max(0, sorted.length - mostLate));
  return sumOf(largest);
}
