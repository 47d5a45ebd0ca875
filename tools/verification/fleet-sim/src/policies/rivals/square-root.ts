import type { Rival, RivalRun, RivalView } from './rival.ts';
import { longestIdleFirst } from './victims.ts';

const WINDOW_SECONDS = 60;
/** A higher beta gives shorter waits at a higher cost. */
const BETA = 1;
const GRACE_SECONDS = 60;

/**
 * Square-root staffing alone: for an offered load of R threads, R + beta * sqrt(R) of them (S. Halfin, W. Whitt:
 * Heavy-traffic limits for queues with many exponential servers, Operations Research 29, 1981). R is the arrival
 * rate of the last minute times the seconds of an image. While anything waits or runs there is one instance.
 * The rule does not define backlogs, boots and victims; here the longest idle go first and finish their images.
 */
export const squareRoot: Rival = {
  name: 'square-root',
  start: ({ threads }, imageSeconds) => new SquareRoot(threads, imageSeconds),
};

class SquareRoot implements RivalRun {
  readonly everySeconds = 2;
  readonly scaleIn = {
    kind: 'to-size',
    victim: longestIdleFirst,
    graceSeconds: GRACE_SECONDS,
  } as const;
  readonly #threads: number;
  readonly #imageSeconds: number;
  #sent: { at: number; count: number }[] = [];

  constructor(threads: number, imageSeconds: number) {
    this.#threads = threads;
    this.#imageSeconds = imageSeconds;
  }

  wanted({ nowSeconds: now, queue }: RivalView): number {
    this.#sent = this.#sent.filter(({ at }) => at >= now - WINDOW_SECONDS);
    this.#sent.push({ at: now, count: queue.sent });
    const [oldest] = this.#sent;
    const arrived = queue.sent - (oldest?.count ?? 0);
    const load = (arrived / WINDOW_SECONDS) * this.#imageSeconds;
    const least = queue.visible + queue.inFlight > 0 ? 1 : 0;
    return Math.max(least, Math.ceil((load + BETA * Math.sqrt(load)) / this.#threads));
  }
}
