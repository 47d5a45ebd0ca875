import type { WorldSettings } from '../../world-settings.ts';
import type { Rival, RivalView } from './rival.ts';
import { nearestBillingHour, toSize } from './victims.ts';

const POLL_SECONDS = 10;
const SCALE_IN_IDLE_SECONDS = 600;
const SCALE_IN_COOLDOWN_SECONDS = 120;

/** As many instances as are needed for all scheduled and running jobs. */
const exactly = ({ queue }: RivalView, { slots }: WorldSettings): number =>
  Math.ceil((queue.visible + queue.inFlight) / slots);

/**
 * buildkite-agent-scaler in the Elastic CI Stack: polls every 10 s and sets the size to exactly what is needed;
 * its own scale-in is disabled, since it interrupts jobs, and agents end themselves with their instance after
 * 10 minutes without a job (https://github.com/buildkite/buildkite-agent-scaler, README;
 * https://github.com/buildkite/elastic-ci-stack-for-aws, `ScaleInIdlePeriod`).
 */
export const buildkite: Rival = {
  name: 'buildkite',
  everySeconds: POLL_SECONDS,
  scaleIn: { kind: 'idle', seconds: () => SCALE_IN_IDLE_SECONDS },
  start: (settings) => (view) => Math.max(view.workers.length, exactly(view, settings)),
};

/**
 * The same with its own scale-in, by the size of the Auto Scaling group, at most once in 2 minutes: the first
 * at once, each later one after the cooldown (scaler/scaler.go there).
 */
export const buildkiteScaleIn: Rival = {
  name: 'buildkite-scale-in',
  everySeconds: POLL_SECONDS,
  scaleIn: toSize(nearestBillingHour),
  start(settings) {
    let scaledInAt = -Infinity;
    return (view) => {
      const desired = exactly(view, settings);
      const size = view.workers.length;
      if (desired >= size) return desired;
      if (view.nowSeconds - scaledInAt < SCALE_IN_COOLDOWN_SECONDS) return size;
      scaledInAt = view.nowSeconds;
      return desired;
    };
  },
};
