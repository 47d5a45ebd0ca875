import type { Rival } from './rival.ts';
import { nearestBillingHour, toSize } from './victims.ts';

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
  everySeconds: PERIOD_SECONDS,
  scaleIn: toSize(nearestBillingHour),
  start({ targetWaitSeconds, threads, maxWorkers }, imageSeconds) {
    const target = (targetWaitSeconds * threads) / imageSeconds;
    let size = LEAST;
    let above = 0;
    let below = 0;
    return ({ queue, workers }) => {
      const metric = queue.visible / Math.max(1, workers.length);
      above = metric > target ? above + 1 : 0;
      below = metric < LOW * target ? below + 1 : 0;
      const inProportion = Math.ceil((size * metric) / target);
      if (above >= POINTS_OUT) size = Math.min(maxWorkers, Math.max(size, inProportion));
      if (below >= POINTS_IN && workers.every(({ up }) => up))
        size = Math.max(LEAST, Math.min(size, inProportion));
      return size;
    };
  },
};
