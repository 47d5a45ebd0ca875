import type { Clock } from '@labelfleet/runtime';
import { setImmediate } from 'node:timers/promises';

/** A clock that a test moves: wall clock and monotonic clock move together. */
export class FakeClock implements Clock {
  readonly startedAt = Date.parse('2026-03-01T12:00:00.000Z');
  #elapsedMs = 0;
  readonly #sleepers = new Set<{ untilMs: number; wake: () => void }>();

  unixMs(): number {
    return this.startedAt + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper = { untilMs: this.#elapsedMs + ms, wake };
      const sleepers = this.#sleepers;
      sleepers.add(sleeper);
      signal?.addEventListener('abort', wake, { once: true });
      function wake() {
        sleepers.delete(sleeper);
        resolve();
      }
    });
  }

  /** Moves the clock by this much. Wakes every sleeper at its time, and lets what it wakes run before the next. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#elapsedMs + ms;
    await letOthersRun();
    for (let next = this.#next(endMs); next !== undefined; next = this.#next(endMs)) {
      this.#elapsedMs = next.untilMs;
      next.wake();
      await letOthersRun();
    }
    this.#elapsedMs = endMs;
  }

  #next(endMs: number) {
    return [...this.#sleepers]
      .filter(({ untilMs }) => untilMs <= endMs)
      .sort((a, b) => a.untilMs - b.untilMs)[0];
  }
}

/** Resolves when everything that waits only for promises has run on. */
export async function letOthersRun(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await setImmediate();
}
