import type { Instance } from './instance.ts';

/** The instances that wait for their start. */
export class Boots {
  readonly #timers = new Map<string, NodeJS.Timeout>();

  /** Calls `start` when the instance is due to start. */
  schedule({ id, startsAtMs }: Instance, start: () => void): void {
    const timer = setTimeout(
      () => {
        this.#timers.delete(id);
        start();
      },
      Math.max(0, startsAtMs - Date.now()),
    );
    this.#timers.set(id, timer);
  }

  /** Cancels the start. @returns true if the instance was waiting */
  cancel({ id }: Instance): boolean {
    clearTimeout(this.#timers.get(id));
    return this.#timers.delete(id);
  }
}
