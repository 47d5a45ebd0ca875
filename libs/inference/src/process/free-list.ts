/** Items that are used by one caller at a time. Callers wait in order while no item is free. */
export class FreeList<T> {
  readonly #free = new Set<T>();
  readonly #waiting = new Set<PromiseWithResolvers<T>>();
  #closed: { reason: Error } | undefined;

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Adds a new or a returned item; the first waiting caller gets it. */
  add(item: T): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free.add(item);
      return;
    }
    this.#waiting.delete(next);
    next.resolve(item);
  }

  /** Removes a free item. The user of an item in use must not add it again. */
  remove(item: T): void {
    this.#free.delete(item);
  }

  /** Resolves with an item for the caller, who adds it again after use. Rejects with the signal's reason. */
  async take(signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    if (this.#closed !== undefined) throw this.#closed.reason;
    const [item] = this.#free;
    if (item !== undefined) {
      this.#free.delete(item);
      return item;
    }
    const waiter = Promise.withResolvers<T>();
    const cancel = () => {
      this.#waiting.delete(waiter);
      waiter.reject(signal.reason as Error);
    };
    signal.addEventListener('abort', cancel, { once: true });
    this.#waiting.add(waiter);
    try {
      return await waiter.promise;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  /** Rejects all waiting and later callers with this reason. */
  close(reason: Error): void {
    this.#closed = { reason };
    for (const waiter of this.#waiting) waiter.reject(reason);
    this.#waiting.clear();
  }
}
