/** Items that one part of a program puts in and another takes out, until it is closed. */
export class Inbox<T> implements AsyncIterable<T> {
  readonly #items: T[] = [];
  #closed = false;
  #changed = Promise.withResolvers<void>();

  put(item: T): void {
    this.#items.push(item);
    this.#tellChange();
  }

  /** No more items will come. */
  close(): void {
    this.#closed = true;
    this.#tellChange();
  }

  /** Resolves when this many items are there, or as many as will come. @throws the signal's reason */
  async holds(count: number, signal?: AbortSignal): Promise<void> {
    const wake = () => this.#tellChange();
    signal?.addEventListener('abort', wake);
    while (this.#items.length < count && !this.#closed && signal?.aborted !== true)
      await this.#changed.promise;
    signal?.removeEventListener('abort', wake);
    signal?.throwIfAborted();
  }

  /** Takes up to this many items out. */
  take(count: number): T[] {
    return this.#items.splice(0, count);
  }

  /** Takes the items out one by one until it is closed and empty. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    for (;;) {
      await this.holds(1);
      const [item] = this.take(1);
      if (item === undefined) return;
      yield item;
    }
  }

  #tellChange(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
