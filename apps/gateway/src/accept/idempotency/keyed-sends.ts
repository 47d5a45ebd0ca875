/** Joins concurrent calls of one name in this process: at most one run per name is under way. */
export class KeyedSends<Outcome> {
  readonly #underWay = new Map<string, Promise<Outcome>>();

  /** The outcome of the run under way; undefined if there is none. */
  find(name: string): Promise<Outcome> | undefined {
    return this.#underWay.get(name);
  }

  /**
   * Begins a run; none of that name may be under way. Others can join it until `ended` resolves, which may be later
   * than its outcome.
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
