import type { Rival, RivalRun } from './rival.ts';
import { youngestFirst } from './victims.ts';

/** Defaults of the `aws-sqs-queue` trigger and of ScaledObject. */
const QUEUE_LENGTH = 5;
const POLLING_SECONDS = 30;
const COOLDOWN_SECONDS = 300;

/** Defaults of HorizontalPodAutoscaler. */
const SYNC_SECONDS = 15;
const TOLERANCE = 0.1;
const STABILIZATION_SECONDS = 300;
const POD_GRACE_SECONDS = 30;

/**
 * KEDA's `aws-sqs-queue` trigger, one pod an instance. KEDA itself goes from 0 to 1 when its poll finds the
 * queue not empty, and from any size to 0 when it has found it empty for the cooldown
 * (https://keda.sh/docs/latest/scalers/aws-sqs/, https://keda.sh/docs/latest/reference/scaledobject-spec/).
 * In between it is a HorizontalPodAutoscaler on messages per pod, in flight ones included: no change within
 * the tolerance; at most doubled, or 4 more, in 15 s; never below the highest recommendation of 5 minutes
 * (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/). Pods that go have 30 s.
 */
export const keda: Rival = {
  name: 'keda',
  start: () => new Keda(),
};

class Keda implements RivalRun {
  readonly everySeconds = SYNC_SECONDS;
  readonly scaleIn = {
    kind: 'to-size',
    victim: youngestFirst,
    graceSeconds: POD_GRACE_SECONDS,
  } as const;
  #size = 0;
  #polledAt = -Infinity;
  #activeAt = -Infinity;
  #recommended: { at: number; size: number }[] = [];

  wanted({ nowSeconds, queue, settings }: Parameters<RivalRun['wanted']>[0]): number {
    const messages = queue.visible + queue.inFlight;
    if (nowSeconds - this.#polledAt >= POLLING_SECONDS) this.#poll(messages, nowSeconds);
    if (this.#size > 0) this.#size = this.#sync(messages, nowSeconds, settings.maxWorkers);
    return this.#size;
  }

  #poll(messages: number, now: number): void {
    this.#polledAt = now;
    if (messages > 0) {
      this.#activeAt = now;
      this.#size = Math.max(1, this.#size);
    } else if (now - this.#activeAt > COOLDOWN_SECONDS) {
      this.#size = 0;
      this.#recommended = [];
    }
  }

  #sync(messages: number, now: number, most: number): number {
    const size = this.#size;
    const ratio = messages / (QUEUE_LENGTH * size);
    const asked = Math.abs(ratio - 1) <= TOLERANCE ? size : Math.ceil(messages / QUEUE_LENGTH);
    const recommendation = Math.min(most, Math.max(1, asked));
    this.#recommended = this.#recommended.filter(({ at }) => at > now - STABILIZATION_SECONDS);
    this.#recommended.push({ at: now, size: recommendation });
    const stabilized = Math.max(...this.#recommended.map((each) => each.size));
    if (recommendation > size) return Math.min(recommendation, Math.max(2 * size, size + 4));
    return Math.min(size, stabilized);
  }
}
