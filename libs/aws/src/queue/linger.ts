/** The share of the waiting time by which calls may be delayed, and the longest delay. */
const SHARE = 1 / 4;
const LONGEST_MS = 50;
/** A shorter delay collects nothing and costs a timer. */
const SHORTEST_MS = 1;
/** The weight of the newest time. */
const NEWEST = 0.2;
/** Times older than this say nothing about the present. */
const FORGET_AFTER_MS = 1_000;

/**
 * Says how long a call may linger for others in its batch: a quarter of the time that requests spend waiting anyway, at
 * most 50 ms. Under load most calls are made in batches, and requests take little longer; a lone request does not
 * wait, so its calls are made at once.
 */
export class Linger {
  readonly #monotonicMs: () => number;
  #waitMs = 0;
  #observedAtMs = -Infinity;

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  /** To be called for each request with the time that it waited in queues, in milliseconds. */
  observe(waitMs: number): void {
    // One request is not a load: only the second one in a row counts.
    const isFirst = this.#isStale();
    this.#observedAtMs = this.#monotonicMs();
    this.#waitMs = isFirst ? 0 : this.#waitMs + NEWEST * (Math.max(0, waitMs) - this.#waitMs);
  }

  /** Milliseconds; 0 when calls should be made at once. */
  get ms(): number {
    const ms = this.#isStale() ? 0 : Math.min(this.#waitMs * SHARE, LONGEST_MS);
    return ms < SHORTEST_MS ? 0 : ms;
  }

  #isStale(): boolean {
    return this.#monotonicMs() - this.#observedAtMs > FORGET_AFTER_MS;
  }
}
