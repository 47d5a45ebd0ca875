/** A job that is not completed. Plain data. */
export interface ActiveJob {
  /** Images listed and not completed. */
  remaining: number;
  /** By when it is to be completed, in milliseconds since the epoch; absent: it has no time limit. */
  completeByMs?: number;
  /**
   * - `runs`: workers are launched for it.
   * - `nearly-spent`: it has cost nearly as much as it may: no worker is launched for it, and it goes on with those
   *   that are there.
   * - `stopped`: what is left of it is skipped, which one worker does in no time.
   */
  state: 'runs' | 'nearly-spent' | 'stopped';
}
