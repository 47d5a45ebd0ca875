interface Time {
  /** Unix milliseconds of this machine, whose clock may be set forward and back. */
  wallMs(): number;
  /** Monotonic milliseconds. */
  monotonicMs(): number;
}

export const SYSTEM_TIME: Time = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/**
 * The clock of the queues, which follows this machine's clock but never goes back. Otherwise a message could stay
 * invisible for an extra hour after the machine's clock is set back by an hour.
 */
export class QueueClock {
  readonly #time: Time;
  #lastMs: number;
  #lastMonotonicMs: number;

  /** @param notBeforeMs the latest time that the clock of an earlier process has reached */
  constructor(time: Time, notBeforeMs: number) {
    this.#time = time;
    this.#lastMs = Math.max(time.wallMs(), notBeforeMs);
    this.#lastMonotonicMs = time.monotonicMs();
  }

  /** Unix milliseconds. */
  nowMs(): number {
    const monotonicMs = this.#time.monotonicMs();
    const countedMs = this.#lastMs + monotonicMs - this.#lastMonotonicMs;
    this.#lastMs = Math.max(this.#time.wallMs(), countedMs);
    this.#lastMonotonicMs = monotonicMs;
    return Math.floor(this.#lastMs);
  }
}
