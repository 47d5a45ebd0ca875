/**
 * A priority queue of events by time. Events of the same time keep the order in which they were added, so that a
 * run repeats exactly. It is a binary heap in typed arrays because a run has millions of events.
 */
export class EventHeap {
  size = 0;
  /** The event that `take` removed last. */
  at = 0;
  kind = 0;
  a = 0;
  b = 0;
  #nextOrder = 0;
  #capacity = 1024;
  #at = new Float64Array(this.#capacity);
  #order = new Float64Array(this.#capacity);
  #kind = new Int32Array(this.#capacity);
  #a = new Int32Array(this.#capacity);
  #b = new Int32Array(this.#capacity);

  /** The time of the next event; Infinity if there is none. */
  get nextAt(): number {
    return this.size === 0 ? Infinity : this.#get(this.#at, 0);
  }

  put(at: number, kind: number, a: number, b: number): void {
    if (this.size === this.#capacity) this.#grow();
    const order = this.#nextOrder++;
    let hole = this.size++;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      // A new event comes after all others of its time.
      if (this.#get(this.#at, parent) <= at) break;
      this.#move(parent, hole);
      hole = parent;
    }
    this.#at[hole] = at;
    this.#order[hole] = order;
    this.#kind[hole] = kind;
    this.#a[hole] = a;
    this.#b[hole] = b;
  }

  /** Removes the earliest event and sets `at`, `kind`, `a` and `b`. The heap must not be empty. */
  take(): void {
    this.at = this.#get(this.#at, 0);
    this.kind = this.#get(this.#kind, 0);
    this.a = this.#get(this.#a, 0);
    this.b = this.#get(this.#b, 0);
    const last = --this.size;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= last) break;
      if (child + 1 < last && this.#before(child + 1, child)) child++;
      if (this.#before(last, child)) break;
      this.#move(child, hole);
      hole = child;
    }
    this.#move(last, hole);
  }

  #before(one: number, other: number): boolean {
    const difference = this.#get(this.#at, one) - this.#get(this.#at, other);
    if (difference !== 0) return difference < 0;
    return this.#get(this.#order, one) < this.#get(this.#order, other);
  }

  #move(from: number, to: number): void {
    this.#at[to] = this.#get(this.#at, from);
    this.#order[to] = this.#get(this.#order, from);
    this.#kind[to] = this.#get(this.#kind, from);
    this.#a[to] = this.#get(this.#a, from);
    this.#b[to] = this.#get(this.#b, from);
  }

  /** Indices are always below `size`. */
  #get(list: Float64Array | Int32Array, index: number): number {
    return list[index] ?? 0;
  }

  #grow(): void {
    this.#capacity *= 2;
    this.#at = copyInto(new Float64Array(this.#capacity), this.#at);
    this.#order = copyInto(new Float64Array(this.#capacity), this.#order);
    this.#kind = copyInto(new Int32Array(this.#capacity), this.#kind);
    this.#a = copyInto(new Int32Array(this.#capacity), this.#a);
    this.#b = copyInto(new Int32Array(this.#capacity), this.#b);
  }
}

function copyInto<T extends Float64Array | Int32Array>(larger: T, list: T): T {
  larger.set(list);
  return larger;
}
