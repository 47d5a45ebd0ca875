import type { SlottedWork } from './slotted-work.ts';
import { StateTable, type Way } from './state-table.ts';

/** What a fleet costs on a grid of slots. */
export interface FleetCosts {
  /** Instance-seconds of a launch before its worker is up. */
  launchSeconds: number;
  /** Slots that a fleet grown from nothing is at least one worker, needed or not; 0: no such rule. */
  leastSlots: number;
  maxWorkers: number;
  /** Whether any number of workers may be up before the first slot, launched at the cost of others. */
  anyBefore: boolean;
  /** Slots after the last for which a fleet that has to stay is paid; those beyond are paid by others. */
  slotsAfter: number;
}

/** What the two conditions on the run as a whole are worth, in instance-seconds. */
export interface Prices {
  /** Of a late chunk. */
  late: number;
  /** Of an up second, between 0 and 1. */
  use: number;
}

/** One slot: chunks that wait from before, that arrive, and that may wait on after it. */
interface Slot {
  waiting: number;
  arriving: number;
  left: number;
}

/**
 * The cheapest whole-numbered fleet, slot by slot, by dynamic programming over the workers up, the chunks waiting
 * and the slots that the fleet has yet to stay. A fleet does as much as it can in the order of arrival; what is
 * due and not done is late and leaves. With chunks of one size that order makes the fewest late (earliest
 * deadline first), so the result is the least cost on the grid, not an estimate of it.
 *
 * A launch is looked at only where the workers up cannot do all that waits: otherwise it is as good a slot later.
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

  /** The row of a fleet of so many workers that has to stay for so many slots, the one at hand included. */
  #row(stay: number, workers: number): number {
    return stay * (this.#most + 1) + workers;
  }

  /** Lets workers go, then launches some; a fleet that has to stay keeps one. */
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

  /** Leaves out fleets that have to stay but are no cheaper than the same fleet free to go. */
  #forget(table: StateTable, waiting: number): void {
    for (let stay = 1; stay <= this.#costs.leastSlots; stay++) {
      for (let workers = 1; workers <= this.#most; workers++) {
        table.closeIfDearer(this.#row(stay, workers), this.#row(0, workers), waiting);
      }
    }
  }

  /** At the end nothing waits; a fleet that has to stay is still paid for. */
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
