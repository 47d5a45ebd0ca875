/** How long a call waits for its result. */
export const WAIT_SECONDS = 15;

const AFTER_BREAK_MS = 200;
const AFTER_REFUSAL_MS = 700;
const LONGEST_MS = 5_000;

/** The pauses of one client between its calls: each after a refusal or a break is twice as long as the last. */
export class Pauses {
  #futile = 0;

  /** @param call how the last call ended; undefined: the connection broke */
  after(call: 'served' | 'refused' | undefined): number {
    if (call === 'served') {
      this.#futile = 0;
      return 0;
    }
    const shortest = call === undefined ? AFTER_BREAK_MS : AFTER_REFUSAL_MS;
    return Math.min(LONGEST_MS, shortest * 2 ** this.#futile++);
  }
}
