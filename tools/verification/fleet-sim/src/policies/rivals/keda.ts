import type { Rival } from './rival.ts';
import { toSize, youngestFirst } from './victims.ts';

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
  everySeconds: SYNC_SECONDS,
  scaleIn: toSize(youngestFirst, POD_GRACE_SECONDS),
  start({ maxWorkers }) {
    let size = 0;
    let polledAt = -Infinity;
    let activeAt = -Infinity;
    let recommended: { at: number; size: number }[] = [];

    const poll = (messages: number, now: number) => {
      polledAt = now;
      if (messages > 0) {
        activeAt = now;
        size = Math.max(1, size);
      } else if (now - activeAt > COOLDOWN_SECONDS) {
        size = 0;
        recommended = [];
      }
    };

    const sync = (messages: number, now: number): number => {
      const ratio = messages / (QUEUE_LENGTH * size);
      const asked = Math.abs(ratio - 1) <= TOLERANCE ? size : Math.ceil(messages / QUEUE_LENGTH);
      const recommendation = Math.min(maxWorkers, Math.max(1, asked));
      recommended = recommended.filter(({ at }) => at > now - STABILIZATION_SECONDS);
      recommended.push({ at: now, size: recommendation });
      if (recommendation > size) return Math.min(recommendation, Math.max(2 * size, size + 4));
      return Math.min(size, Math.max(...recommended.map((each) => each.size)));
    };

    return ({ nowSeconds, queue }) => {
      const messages = queue.visible + queue.inFlight;
      if (nowSeconds - polledAt >= POLLING_SECONDS) poll(messages, nowSeconds);
      if (size > 0) size = sync(messages, nowSeconds);
      return size;
    };
  },
};
