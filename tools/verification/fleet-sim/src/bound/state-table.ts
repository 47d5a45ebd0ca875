/** The cheapest path into a state. */
export interface Way {
  /** Instance-seconds, plus the price of late chunks and minus the price of up seconds. */
  cost: number;
  lateChunks: number;
  upSeconds: number;
}

/** The transition of one slot, in chunks and instance-seconds. */
export interface Step {
  waiting: number;
  arriving: number;
  /** The capacity of the fleet in chunks. */
  done: number;
  /** The number of chunks that may still wait; more are late. */
  left: number;
  up: number;
  price: number;
  latePrice: number;
}

/**
 * The cheapest known path into each state: by `row` (the workers up and the slots to stay) and by waiting chunks. Each
 * path has its cost, its late chunks and its up seconds.
 */
export class StateTable {
  readonly #cost: Float64Array;
  readonly #late: Float64Array;
  readonly #up: Float64Array;
  readonly #width: number;
  readonly #open: Uint8Array;

  /** @param width the largest number of waiting chunks, plus one */
  constructor(rows: number, width: number) {
    this.#cost = new Float64Array(rows * width).fill(Infinity);
    this.#late = new Float64Array(rows * width);
    this.#up = new Float64Array(rows * width);
    this.#width = width;
    this.#open = new Uint8Array(rows);
  }

  isOpen(row: number): boolean {
    return this.#open[row] === 1;
  }

  /** Starts at a row at no cost with nothing waiting. */
  begin(row: number): void {
    this.#open[row] = 1;
    this.#cost[row * this.#width] = 0;
  }

  closeAll(): void {
    for (let row = 0; row < this.#open.length; row++) this.#close(row);
  }

  /** The path to a row with nothing waiting. */
  read(row: number): Way {
    const state = row * this.#width;
    return {
      cost: this.#cost[state] ?? Infinity,
      lateChunks: this.#late[state] ?? 0,
      upSeconds: this.#up[state] ?? 0,
    };
  }

  /** Moves from one row to another at a price if that is cheaper, for `from` to `to` waiting chunks. */
  relax(source: number, target: number, price: number, from: number, to: number): void {
    if (!this.isOpen(source) || from > to) return;
    this.#open[target] = 1;
    const cost = this.#cost;
    const late = this.#late;
    const up = this.#up;
    const shift = (target - source) * this.#width;
    const end = source * this.#width + to;
    for (let state = source * this.#width + from; state <= end; state++) {
      const dearer = (cost[state] ?? Infinity) + price;
      if (dearer >= (cost[state + shift] ?? Infinity)) continue;
      cost[state + shift] = dearer;
      late[state + shift] = late[state] ?? 0;
      up[state + shift] = up[state] ?? 0;
    }
  }

  /** Moves from a row through one slot into a row of the next table. */
  advance(row: number, next: StateTable, target: number, step: Step): void {
    next.#open[target] = 1;
    const cost = this.#cost;
    const late = this.#late;
    const up = this.#up;
    const source = row * this.#width;
    const into = target * this.#width;
    for (let waiting = 0; waiting <= step.waiting; waiting++) {
      const before = cost[source + waiting] ?? Infinity;
      if (before === Infinity) continue;
      const open = Math.max(0, waiting + step.arriving - step.done);
      const lost = Math.max(0, open - step.left);
      const state = into + open - lost;
      const after = before + step.price + lost * step.latePrice;
      if (after >= (next.#cost[state] ?? Infinity)) continue;
      next.#cost[state] = after;
      next.#late[state] = (late[source + waiting] ?? 0) + lost;
      next.#up[state] = (up[source + waiting] ?? 0) + step.up;
    }
  }

  /** Removes a row if no state of it is cheaper than the same state of another row. */
  closeIfDearer(row: number, other: number, waiting: number): void {
    if (!this.isOpen(row) || !this.isOpen(other)) return;
    const shift = (other - row) * this.#width;
    const end = row * this.#width + waiting;
    for (let state = row * this.#width; state <= end; state++) {
      if ((this.#cost[state] ?? Infinity) < (this.#cost[state + shift] ?? Infinity)) return;
    }
    this.#close(row);
  }

  #close(row: number): void {
    if (!this.isOpen(row)) return;
    this.#open[row] = 0;
    this.#cost.fill(Infinity, row * this.#width, (row + 1) * this.#width);
  }
}
