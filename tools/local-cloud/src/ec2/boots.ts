import type { Instance } from './instance.ts';

/** Instances that wait for their start. */
export class Boots {
  readonly #timers = new Map<string, NodeJS.Timeout>();

  /** Calls `start` at the time at which the instance is to be started. */
  inTime({ id, startsAtMs }: Instance, start: () => void): void {
    const timer = setTimeout(
      () => {
        this.#timers.delete(id);
        start();
      },
      Math.max(0, startsAtMs - Date.now()),
    );
    this.#timers.set(id, timer);
  }

  /** @returns whether the instance was waiting: if so, it is not started */
  cancel({ id }: Instance): boolean {
    clearTimeout(this.#timers.get(id));
    return this.#timers.delete(id);
  }
}
