/** Calls that pause until a test releases them. */
export class HeldCalls {
  readonly #holds = new Map<string, { reach: () => void; released: Promise<void> }>();

  /** The next call of this operation pauses until it is released. */
  hold(operation: string): { reached: Promise<void>; release: () => void } {
    const reached = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    this.#holds.set(operation, { reach: reached.resolve, released: released.promise });
    return { reached: reached.promise, release: released.resolve };
  }

  /** Waits here if a test holds this operation. */
  async pass(operation: string): Promise<void> {
    const hold = this.#holds.get(operation);
    if (hold === undefined) return;
    this.#holds.delete(operation);
    hold.reach();
    await hold.released;
  }
}
