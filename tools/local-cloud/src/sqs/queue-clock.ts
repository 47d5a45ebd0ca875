interface Time {
  /** Unix milliseconds, as this machine has them: they may be set forward and back. */
  wallMs(): number;
  /** Milliseconds that only go forward. */
  monotonicMs(): number;
}

export const SYSTEM_TIME: Time = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/**
 * The queues' clock: this machine's, but for that it never goes back. SQS's clock does not follow a clock that is
 * set back, and neither may a message stay away for an hour because of one.
 */
export class QueueClock {
  readonly #time: Time;
  #lastMs: number;
  #lastMonotonicMs: number;

  /** @param notBeforeMs what an earlier process's clock is known to have reached */
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
