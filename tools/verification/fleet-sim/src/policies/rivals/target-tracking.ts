import type { Rival, RivalRun, RivalView } from './rival.ts';
import { nearestBillingHour } from './victims.ts';

const PERIOD_SECONDS = 60;
const POINTS_OUT = 3;
const POINTS_IN = 15;
/** The scale-in alarm is slightly below the target. */
const LOW = 0.9;
/** The minimum size of the group. */
const LEAST = 1;

/**
 * An EC2 Auto Scaling group with target tracking on the backlog per instance, as AWS recommends for queues
 * (https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-using-sqs-queue.html). The target is the wait that
 * is acceptable divided by the time an instance takes for an image. Target tracking makes two alarms on the
 * one-minute metric: three points above the target in a row scale out, in proportion; fifteen below 90 % of it
 * scale in (https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html). Not while
 * instances warm up. Without a lifecycle hook or scale-in protection, victims are terminated at their work. The
 * group keeps one instance: per instance of none the metric does not exist, and less than the target would never
 * bring a first one.
 */
export const targetTracking: Rival = {
  name: 'target-tracking',
  start: ({ targetWaitSeconds, threads }, imageSeconds) =>
    new TargetTracking((targetWaitSeconds * threads) / imageSeconds),
};

class TargetTracking implements RivalRun {
  readonly everySeconds = PERIOD_SECONDS;
  readonly scaleIn = { kind: 'to-size', victim: nearestBillingHour, graceSeconds: 0 } as const;
  readonly #target: number;
  #size = LEAST;
  #above = 0;
  #below = 0;

  constructor(target: number) {
    this.#target = target;
  }

  wanted({ queue, workers, settings }: RivalView): number {
    const metric = queue.visible / Math.max(1, workers.length);
    this.#above = metric > this.#target ? this.#above + 1 : 0;
    this.#below = metric < LOW * this.#target ? this.#below + 1 : 0;
    const inProportion = Math.ceil((this.#size * metric) / this.#target);
    if (this.#above >= POINTS_OUT)
      this.#size = Math.min(settings.maxWorkers, Math.max(this.#size, inProportion));
    if (this.#below >= POINTS_IN && workers.every(({ up }) => up))
      this.#size = Math.max(LEAST, Math.min(this.#size, inProportion));
    return this.#size;
  }
}
