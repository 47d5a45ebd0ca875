import type { Clock } from '@labelfleet/runtime';

/** A clock that only `pass` and its own sleeps move. Wall clock and monotonic clock move together. */
export class TestClock implements Clock {
  #nowMs: number;
  /** The sleeps so far, in milliseconds. */
  readonly sleeps: number[] = [];

  constructor(nowMs = 0) {
    this.#nowMs = nowMs;
  }

  readonly unixMs = (): number => this.#nowMs;
  readonly monotonicMs = (): number => this.#nowMs;

  async sleep(ms: number): Promise<void> {
    this.sleeps.push(ms);
    this.pass(ms);
  }

  pass(ms: number): void {
    this.#nowMs += ms;
  }
}
