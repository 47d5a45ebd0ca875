import { mean } from '../../statistics.ts';
import type { Rival } from './rival.ts';
import { toSize, youngestFirst } from './victims.ts';

/** Defaults of the configuration `config-autoscaler`. */
const TICK_SECONDS = 2;
const STABLE_WINDOW_SECONDS = 60;
const PANIC_WINDOW_SECONDS = 6;
const PANIC_THRESHOLD = 2;
const TARGET_UTILIZATION = 0.7;
const MAX_SCALE_UP_RATE = 1000;
const MAX_SCALE_DOWN_RATE = 2;
const ZERO_GRACE_SECONDS = 30;
/** A pod that goes has as long as a request may take. */
const POD_GRACE_SECONDS = 300;

/**
 * The Knative Pod Autoscaler on concurrency, one pod an instance with as many requests at once as it has slots.
 * Every 2 s: the mean concurrency of the last 60 s, divided by 70 % of a pod's, is the size; where the mean of
 * the last 6 s asks for twice the pods that are ready, it panics: takes the larger of both, and does not shrink
 * until that is 60 s ago. At most halved at a time; the last pod goes 30 s later
 * (https://knative.dev/docs/serving/autoscaling/kpa-specific/; github.com/knative/serving,
 * pkg/autoscaler/scaling/autoscaler.go). Requests that wait count, as those held by its activator do.
 */
export const knative: Rival = {
  name: 'knative',
  everySeconds: TICK_SECONDS,
  scaleIn: toSize(youngestFirst, POD_GRACE_SECONDS),
  start({ slots }) {
    let seen: { at: number; concurrency: number }[] = [];
    let panicAt: number | undefined;
    let mostInPanic = 0;
    let zeroSince: number | undefined;

    const toZeroLate = (size: number, fleet: number, now: number): number => {
      if (size > 0 || fleet === 0) zeroSince = undefined;
      else zeroSince ??= now;
      if (zeroSince === undefined) return size;
      return now - zeroSince < ZERO_GRACE_SECONDS ? Math.min(1, fleet) : 0;
    };

    return ({ nowSeconds: now, queue, workers }) => {
      seen = seen.filter(({ at }) => at > now - STABLE_WINDOW_SECONDS);
      seen.push({ at: now, concurrency: queue.visible + queue.inFlight });
      const ready = Math.max(1, workers.filter(({ up }) => up).length);
      const asked = (windowSeconds: number) => {
        const within = seen.filter(({ at }) => at > now - windowSeconds);
        const concurrency = mean(within.map((each) => each.concurrency));
        return Math.ceil(concurrency / (TARGET_UTILIZATION * slots));
      };
      const stable = asked(STABLE_WINDOW_SECONDS);
      const panic = asked(PANIC_WINDOW_SECONDS);
      const bounded = (size: number) =>
        Math.min(
          Math.max(size, Math.floor(ready / MAX_SCALE_DOWN_RATE)),
          Math.ceil(MAX_SCALE_UP_RATE * ready),
        );
      if (panic / ready >= PANIC_THRESHOLD) panicAt = now;
      else if (panicAt !== undefined && panicAt + STABLE_WINDOW_SECONDS < now) {
        panicAt = undefined;
        mostInPanic = 0;
      }
      if (panicAt === undefined) return toZeroLate(bounded(stable), workers.length, now);
      mostInPanic = Math.max(mostInPanic, bounded(stable), bounded(panic));
      return mostInPanic;
    };
  },
};
