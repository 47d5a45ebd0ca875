/**
 * One commit for all changes of a turn of the event loop: every call that made one waits for the same.
 */
export class GroupCommit {
  readonly #commit: () => void;
  #pending: { kept: PromiseWithResolvers<void>; turn: NodeJS.Immediate } | undefined;

  /** @param commit keeps everything changed so far; throws when it cannot */
  constructor(commit: () => void) {
    this.#commit = commit;
  }

  /** There is something to commit. */
  changed(): void {
    if (this.#pending !== undefined) return;
    const kept = Promise.withResolvers<void>();
    // Changes that nobody waits for (a time-out, say) may fail unseen: those after them fail as well.
    kept.promise.catch(() => {});
    this.#pending = { kept, turn: setImmediate(() => this.flush()) };
  }

  committed(): Promise<void> | undefined {
    return this.#pending?.kept.promise;
  }

  /** Commits now what would be committed at the end of the turn. */
  flush(): void {
    if (this.#pending === undefined) return;
    const { kept, turn } = this.#pending;
    this.#pending = undefined;
    clearImmediate(turn);
    try {
      this.#commit();
      kept.resolve();
    } catch (error) {
      kept.reject(error);
    }
  }
}
