import type { Priority } from '../classifier.ts';

/**
 * Items that are used by one caller at a time. While no item is free, callers wait in order, those for requests before
 * those for jobs.
 */
export class FreeList<T> {
  readonly #free = new Set<T>();
  readonly #waiting: Readonly<Record<Priority, Set<PromiseWithResolvers<T>>>> = {
    request: new Set(),
    job: new Set(),
  };
  #closed: { reason: Error } | undefined;

  get waiting(): number {
    return this.#waiting.request.size + this.#waiting.job.size;
  }

  /** Adds a new or a returned item; the first waiting caller gets it. */
  add(item: T): void {
    for (const waiting of [this.#waiting.request, this.#waiting.job]) {
      const [next] = waiting;
      if (next === undefined) continue;
      waiting.delete(next);
      next.resolve(item);
      return;
    }
    this.#free.add(item);
  }

  /** Removes a free item. The user of an item in use must not add it again. */
  remove(item: T): void {
    this.#free.delete(item);
  }

  /** Resolves with an item for the caller, who adds it again after use. Rejects with the signal's reason. */
  async take(signal: AbortSignal, priority: Priority = 'request'): Promise<T> {
    signal.throwIfAborted();
    if (this.#closed !== undefined) throw this.#closed.reason;
    const [item] = this.#free;
    if (item !== undefined) {
      this.#free.delete(item);
      return item;
    }
    const waiter = Promise.withResolvers<T>();
    const waiting = this.#waiting[priority];
    const cancel = () => {
      waiting.delete(waiter);
      waiter.reject(signal.reason as Error);
    };
    signal.addEventListener('abort', cancel, { once: true });
    waiting.add(waiter);
    try {
      return await waiter.promise;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  /** Rejects all waiting and later callers with this reason. */
  close(reason: Error): void {
    this.#closed = { reason };
    for (const waiting of Object.values(this.#waiting)) {
      for (const waiter of waiting) waiter.reject(reason);
      waiting.clear();
    }
  }
}
