import type { SlottedWork } from './slotted-work.ts';
import { StateTable, type Way } from './state-table.ts';

/** The cost of a fleet on a grid of slots. */
export interface FleetCosts {
  /** Instance-seconds of a launch until its worker is up. */
  launchSeconds: number;
  /** Slots for which a fleet grown from zero keeps at least one worker; 0: no such rule. */
  leastSlots: number;
  maxWorkers: number;
  /** True if any number of workers may be up before the first slot at no cost. */
  anyBefore: boolean;
  /** Slots after the last for which a fleet that must stay is paid here; later ones are paid by other windows. */
  slotsAfter: number;
}

/** The prices (Lagrange multipliers) of the two conditions on the whole run, in instance-seconds. */
export interface Prices {
  /** The price of a late chunk. */
  late: number;
  /** The price of an up second, between 0 and 1. */
  use: number;
}

/** One slot: chunks that wait from before, that arrive, and that may still wait after it. */
interface Slot {
  waiting: number;
  arriving: number;
  left: number;
}

/**
 * The cheapest integral fleet by dynamic programming over slots, with the workers up, the waiting chunks and the slots
 * that the fleet must still stay as states. A fleet works in the order of arrival; chunks that are not done when due
 * are late and dropped. For chunks of equal size this order (earliest deadline first) makes the fewest late, so the
 * result is the exact minimum on the grid.
 *
 * Launches are considered only when the workers up cannot do all waiting chunks; otherwise a later slot is as good.
 */
export class FleetProgram {
  readonly #work: SlottedWork;
  readonly #costs: FleetCosts;
  readonly #most: number;
  readonly #width: number;

  constructor(work: SlottedWork, costs: FleetCosts) {
    this.#work = work;
    this.#costs = costs;
    let waiting = 0;
    for (const slot of slotsOf(work)) waiting = Math.max(waiting, slot.waiting + slot.arriving);
    this.#most = Math.min(costs.maxWorkers, Math.ceil(waiting / work.chunksPerSlot));
    this.#width = waiting + 1;
  }

  /** The cheapest plan at these prices. */
  cheapest(prices: Prices): Way {
    let now = this.#table();
    let next = this.#table();
    const before = this.#costs.anyBefore ? this.#most : 0;
    for (let workers = 0; workers <= before; workers++) now.begin(this.#row(0, workers));
    for (const slot of slotsOf(this.#work)) {
      this.#resize(now, slot);
      next.closeAll();
      this.#serve(now, next, slot, prices);
      this.#forget(next, slot.left);
      [now, next] = [next, now];
    }
    return this.#best(now, prices);
  }

  #table(): StateTable {
    return new StateTable((this.#costs.leastSlots + 1) * (this.#most + 1), this.#width);
  }

  /** The row of a fleet of this many workers that must stay for this many slots, including the current one. */
  #row(stay: number, workers: number): number {
    return stay * (this.#most + 1) + workers;
  }

  /** Ends workers, then launches some; a fleet that must stay keeps one. */
  #resize(table: StateTable, { waiting, arriving }: Slot): void {
    const { leastSlots, launchSeconds } = this.#costs;
    for (let stay = 0; stay <= leastSlots; stay++) {
      for (let workers = this.#most; workers > (stay === 0 ? 0 : 1); workers--) {
        table.relax(this.#row(stay, workers), this.#row(stay, workers - 1), 0, 0, waiting);
      }
    }
    const launch = (source: number, target: number, workers: number): void => {
      const short = Math.max(0, workers * this.#work.chunksPerSlot - arriving + 1);
      table.relax(source, target, launchSeconds, short, waiting);
    };
    if (this.#most > 0) launch(this.#row(0, 0), this.#row(leastSlots, 1), 0);
    for (let stay = 0; stay <= leastSlots; stay++) {
      for (let workers = 1; workers < this.#most; workers++) {
        launch(this.#row(stay, workers), this.#row(stay, workers + 1), workers);
      }
    }
  }

  #serve(now: StateTable, next: StateTable, slot: Slot, prices: Prices): void {
    const { slotSeconds, chunksPerSlot } = this.#work;
    for (let stay = 0; stay <= this.#costs.leastSlots; stay++) {
      for (let workers = 0; workers <= this.#most; workers++) {
        const row = this.#row(stay, workers);
        if (!now.isOpen(row)) continue;
        const up = workers * slotSeconds;
        now.advance(row, next, this.#row(Math.max(0, stay - 1), workers), {
          ...slot,
          done: workers * chunksPerSlot,
          up,
          price: up * (1 - prices.use),
          latePrice: prices.late,
        });
      }
    }
  }

  /** Drops fleets that must stay but are not cheaper than the same fleet without that rule. */
  #forget(table: StateTable, waiting: number): void {
    for (let stay = 1; stay <= this.#costs.leastSlots; stay++) {
      for (let workers = 1; workers <= this.#most; workers++) {
        table.closeIfDearer(this.#row(stay, workers), this.#row(0, workers), waiting);
      }
    }
  }

  /** At the end nothing waits; a fleet that must stay is still paid. */
  #best(table: StateTable, prices: Prices): Way {
    let best: Way = { cost: Infinity, lateChunks: 0, upSeconds: 0 };
    for (let stay = 0; stay <= this.#costs.leastSlots; stay++) {
      const rest = Math.min(stay, this.#costs.slotsAfter) * this.#work.slotSeconds;
      for (let workers = 0; workers <= this.#most; workers++) {
        const plan = table.read(this.#row(stay, workers));
        const cost = plan.cost + rest * (1 - prices.use);
        if (cost < best.cost) best = { ...plan, cost, upSeconds: plan.upSeconds + rest };
      }
    }
    return best;
  }
}

function* slotsOf({ released, due }: SlottedWork): Generator<Slot> {
  let before = 0;
  let waiting = 0;
  for (const [index, now] of released.entries()) {
    const left = now - (due[index] ?? 0);
    yield { waiting, arriving: now - before, left };
    waiting = left;
    before = now;
  }
}
