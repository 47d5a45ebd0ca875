/** Items that one user at a time may have. Whoever asks while none is free waits in line. */
export class FreeList<T> {
  readonly #free = new Set<T>();
  readonly #waiting = new Set<PromiseWithResolvers<T>>();
  #closed: { reason: Error } | undefined;

  /** Offers an item to the next in line: a new one, or one that its user gives back. */
  add(item: T): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free.add(item);
      return;
    }
    this.#waiting.delete(next);
    next.resolve(item);
  }

  /** Takes a free item out. One that is in use has to be kept from coming back by its user. */
  remove(item: T): void {
    this.#free.delete(item);
  }

  /** Resolves with an item that is the caller's until it is added again. Rejects with the signal's reason. */
  async take(signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    if (this.#closed !== undefined) throw this.#closed.reason;
    const [item] = this.#free;
    if (item !== undefined) {
      this.#free.delete(item);
      return item;
    }
    const turn = Promise.withResolvers<T>();
    const giveUp = () => {
      this.#waiting.delete(turn);
      turn.reject(signal.reason as Error);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    this.#waiting.add(turn);
    try {
      return await turn.promise;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  /** Nothing will be free any more: who waits or asks is refused with this reason. */
  close(reason: Error): void {
    this.#closed = { reason };
    for (const turn of this.#waiting) turn.reject(reason);
    this.#waiting.clear();
  }
}
