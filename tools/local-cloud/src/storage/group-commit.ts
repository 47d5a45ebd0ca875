/**
 * Commits all changes of a turn of the event loop at once. All calls that made changes wait for the same commit.
 */
export class GroupCommit {
  readonly #commit: () => void;
  #pending: { committed: PromiseWithResolvers<void>; turn: NodeJS.Immediate } | undefined;

  /** @param commit persists all changes so far; throws if it cannot */
  constructor(commit: () => void) {
    this.#commit = commit;
  }

  /** Schedules a commit. */
  changed(): void {
    if (this.#pending !== undefined) return;
    const committed = Promise.withResolvers<void>();
    // No call waits for some changes, such as a timeout. Their failure is not lost, because the next commit fails too.
    committed.promise.catch(() => {});
    this.#pending = { committed, turn: setImmediate(() => this.flush()) };
  }

  committed(): Promise<void> | undefined {
    return this.#pending?.committed.promise;
  }

  /** Commits at once instead of at the end of the turn. */
  flush(): void {
    if (this.#pending === undefined) return;
    const { committed, turn } = this.#pending;
    this.#pending = undefined;
    clearImmediate(turn);
    try {
      this.#commit();
      committed.resolve();
    } catch (error) {
      committed.reject(error);
    }
  }
}
