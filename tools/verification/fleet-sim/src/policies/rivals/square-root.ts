import type { Rival } from './rival.ts';
import { longestIdleFirst, toSize } from './victims.ts';

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
  everySeconds: 2,
  scaleIn: toSize(longestIdleFirst, GRACE_SECONDS),
  start({ threads }, imageSeconds) {
    let sent: { at: number; count: number }[] = [];
    return ({ nowSeconds: now, queue }) => {
      sent = sent.filter(({ at }) => at >= now - WINDOW_SECONDS);
      sent.push({ at: now, count: queue.sent });
      const arrived = queue.sent - (sent[0]?.count ?? 0);
      const load = (arrived / WINDOW_SECONDS) * imageSeconds;
      const least = queue.visible + queue.inFlight > 0 ? 1 : 0;
      return Math.max(least, Math.ceil((load + BETA * Math.sqrt(load)) / threads));
    };
  },
};
