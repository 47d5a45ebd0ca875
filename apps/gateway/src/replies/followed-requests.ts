import type { StoredResult } from '@labelfleet/contracts';
import type { Waiter } from './pending-replies.ts';

/** Requests that one caller follows until they complete. Disposing it removes its waiters. */
export class FollowedRequests implements Disposable {
  readonly #waiters = new Map<string, Waiter>();
  readonly #known = new Set<string>();
  #completed: StoredResult[] = [];
  #stopping = false;
  #disposed = false;
  #wake: () => void = () => undefined;

  /** The requests that have not completed. */
  get pending(): string[] {
    return [...this.#waiters.keys()];
  }

  /** Follows a request. The waiter is disposed when it completes. */
  follow(requestId: string, waiter: Waiter): void {
    if (this.#disposed) return waiter[Symbol.dispose]();
    this.#waiters.set(requestId, waiter);
    void waiter.ended.then((ended) => {
      if (ended.kind === 'completed') this.add(ended.result);
      else this.#stopping = true;
      this.#wake();
    });
  }

  /** Adds a result, unless it is known. */
  add(result: StoredResult): void {
    if (this.#known.has(result.id)) return;
    this.#known.add(result.id);
    this.#waiters.get(result.id)?.[Symbol.dispose]();
    this.#waiters.delete(result.id);
    this.#completed.push(result);
  }

  /** The results that came since the last call. */
  take(): StoredResult[] {
    const completed = this.#completed;
    this.#completed = [];
    return completed;
  }

  /**
   * Resolves when a result has come, at once if one came since the last `take`. `ended`: the signal is aborted or the
   * gateway stops.
   */
  async next(ms: number, signal: AbortSignal): Promise<'result' | 'timed-out' | 'ended'> {
    const state = () => {
      if (this.#completed.length > 0) return 'result';
      return signal.aborted || this.#stopping ? 'ended' : undefined;
    };
    const now = state();
    if (now !== undefined) return now;
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    this.#wake = wake;
    const timer = setTimeout(wake, ms);
    signal.addEventListener('abort', wake);
    await promise;
    clearTimeout(timer);
    signal.removeEventListener('abort', wake);
    return state() ?? 'timed-out';
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    for (const waiter of this.#waiters.values()) waiter[Symbol.dispose]();
    this.#waiters.clear();
  }
}
