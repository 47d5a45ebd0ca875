/** A test that waited for ever would leave its processes behind, and they would keep the whole run from ending. */
const REACHED_WITHIN_MS = 60_000;

/** Calls that pause until a test releases them. */
export class HeldCalls {
  readonly #holds = new Map<string, { reach: () => void; released: Promise<void> }>();

  /** The next call of this operation pauses until it is released. `reached` rejects if none comes within a minute. */
  hold(operation: string): { reached: Promise<void>; release: () => void } {
    const reached = Promise.withResolvers<void>();
    const late = () => reached.reject(new Error(`no ${operation} came within a minute`));
    const timer = setTimeout(late, REACHED_WITHIN_MS).unref();
    reached.promise.catch(() => undefined);
    const released = Promise.withResolvers<void>();
    this.#holds.set(operation, {
      reach: () => {
        clearTimeout(timer);
        reached.resolve();
      },
      released: released.promise,
    });
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
