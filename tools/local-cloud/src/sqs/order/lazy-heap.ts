/**
 * A binary heap with lazy deletion. A deleted entry stays in place and is skipped at the top. When deleted entries may
 * outnumber live ones, all are dropped at once, so the heap has at most twice as many entries as are live.
 */
export class LazyHeap<T> {
  #entries: T[] = [];
  #sizeAfterCompaction = 0;
  readonly #before: (a: T, b: T) => boolean;
  readonly #isLive: (entry: T) => boolean;

  constructor(before: (a: T, b: T) => boolean, isLive: (entry: T) => boolean) {
    this.#before = before;
    this.#isLive = isLive;
  }

  push(entry: T): void {
    if (this.#entries.length > 2 * this.#sizeAfterCompaction + 64) this.#compact();
    this.#entries.push(entry);
    this.#rise(this.#entries.length - 1);
  }

  /** Returns the first live entry without removing it. */
  peek(): T | undefined {
    for (let top = this.#entries[0]; top !== undefined; top = this.#entries[0]) {
      if (this.#isLive(top)) return top;
      this.#removeTop();
    }
    return undefined;
  }

  pop(): T | undefined {
    const top = this.peek();
    if (top !== undefined) this.#removeTop();
    return top;
  }

  #removeTop(): void {
    const last = this.#entries.pop();
    if (last === undefined || this.#entries.length === 0) return;
    this.#entries[0] = last;
    this.#sink(0);
  }

  #compact(): void {
    this.#entries = this.#entries.filter(this.#isLive);
    this.#sizeAfterCompaction = this.#entries.length;
    for (let index = (this.#entries.length >> 1) - 1; index >= 0; index--) this.#sink(index);
  }

  #rise(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfBefore(index, parent)) return;
      index = parent;
    }
  }

  #sink(from: number): void {
    let index = from;
    for (;;) {
      const left = 2 * index + 1;
      const smaller = this.#isBefore(left + 1, left) ? left + 1 : left;
      if (!this.#swapIfBefore(smaller, index)) return;
      index = smaller;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [first, second] = [this.#entries[a], this.#entries[b]];
    return first !== undefined && second !== undefined && this.#before(first, second);
  }

  #swapIfBefore(child: number, parent: number): boolean {
    const [a, b] = [this.#entries[child], this.#entries[parent]];
    if (a === undefined || b === undefined || !this.#before(a, b)) return false;
    this.#entries[child] = b;
    this.#entries[parent] = a;
    return true;
  }
}
