import type { Rival, RivalRun, RivalView } from './rival.ts';
import { youngestFirst } from './victims.ts';

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
export const knative: Rival = { name: 'knative', start: () => new Knative() };

class Knative implements RivalRun {
  readonly everySeconds = TICK_SECONDS;
  readonly scaleIn = {
    kind: 'to-size',
    victim: youngestFirst,
    graceSeconds: POD_GRACE_SECONDS,
  } as const;
  #seen: { at: number; concurrency: number }[] = [];
  #panicAt: number | undefined;
  #mostInPanic = 0;
  #zeroSince: number | undefined;

  wanted({ nowSeconds: now, queue, workers, settings }: RivalView): number {
    this.#seen = this.#seen.filter(({ at }) => at > now - STABLE_WINDOW_SECONDS);
    this.#seen.push({ at: now, concurrency: queue.visible + queue.inFlight });
    const ready = Math.max(1, workers.filter(({ up }) => up).length);
    const target = TARGET_UTILIZATION * settings.slots;
    const asked = (windowSeconds: number) => Math.ceil(this.#mean(now - windowSeconds) / target);
    const stable = asked(STABLE_WINDOW_SECONDS);
    const panic = asked(PANIC_WINDOW_SECONDS);
    const bounded = (size: number) =>
      Math.min(
        Math.max(size, Math.floor(ready / MAX_SCALE_DOWN_RATE)),
        Math.ceil(MAX_SCALE_UP_RATE * ready),
      );
    if (panic / ready >= PANIC_THRESHOLD) this.#panicAt = now;
    else if (this.#panicAt !== undefined && this.#panicAt + STABLE_WINDOW_SECONDS < now) {
      this.#panicAt = undefined;
      this.#mostInPanic = 0;
    }
    if (this.#panicAt === undefined) return this.#toZeroLate(bounded(stable), workers.length, now);
    this.#mostInPanic = Math.max(this.#mostInPanic, bounded(stable), bounded(panic));
    return this.#mostInPanic;
  }

  #mean(after: number): number {
    const seen = this.#seen.filter(({ at }) => at > after);
    return seen.reduce((sum, { concurrency }) => sum + concurrency, 0) / seen.length;
  }

  #toZeroLate(size: number, fleet: number, now: number): number {
    if (size > 0 || fleet === 0) this.#zeroSince = undefined;
    else this.#zeroSince ??= now;
    if (this.#zeroSince === undefined) return size;
    return now - this.#zeroSince < ZERO_GRACE_SECONDS ? Math.min(1, fleet) : 0;
  }
}
