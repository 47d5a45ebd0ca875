/** Runs of this process that lead to an outcome, at most one for each name at a time. */
export class KeyedSends<Outcome> {
  readonly #underWay = new Map<string, Promise<Outcome>>();

  /** The outcome of the run under way, to be joined; undefined: there is none. */
  find(name: string): Promise<Outcome> | undefined {
    return this.#underWay.get(name);
  }

  /**
   * Begins a run, of which there is none of that name. It can be joined until `ended` has resolved, which
   * may be later than its outcome is there.
   */
  async begin(
    name: string,
    run: () => Promise<{ outcome: Outcome; ended: Promise<void> }>,
  ): Promise<Outcome> {
    const running = run();
    const outcome = running.then((ran) => ran.outcome);
    this.#underWay.set(name, outcome);
    const leave = () => void this.#underWay.delete(name);
    void running.then((ran) => ran.ended).then(leave, leave);
    return outcome;
  }
}
