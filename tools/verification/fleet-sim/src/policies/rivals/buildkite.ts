import type { Rival, RivalRun, RivalView } from './rival.ts';
import { nearestBillingHour } from './victims.ts';

const POLL_SECONDS = 10;
const SCALE_IN_IDLE_SECONDS = 600;
const SCALE_IN_COOLDOWN_SECONDS = 120;

/** As many instances as are needed for all scheduled and running jobs. */
const exactly = ({ queue, settings }: RivalView): number =>
  Math.ceil((queue.visible + queue.inFlight) / settings.slots);

/**
 * buildkite-agent-scaler in the Elastic CI Stack: polls every 10 s and sets the size to exactly what is needed;
 * its own scale-in is disabled, since it interrupts jobs, and agents end themselves with their instance after
 * 10 minutes without a job (https://github.com/buildkite/buildkite-agent-scaler, README;
 * https://github.com/buildkite/elastic-ci-stack-for-aws, `ScaleInIdlePeriod`).
 */
export const buildkite: Rival = {
  name: 'buildkite',
  start: () => ({
    everySeconds: POLL_SECONDS,
    scaleIn: { kind: 'idle', seconds: SCALE_IN_IDLE_SECONDS },
    wanted: (view) => Math.max(view.workers.length, exactly(view)),
  }),
};

/**
 * The same with its own scale-in, by the size of the Auto Scaling group, at most once in 2 minutes: the first
 * at once, each later one after the cooldown (scaler/scaler.go there).
 */
export const buildkiteScaleIn: Rival = {
  name: 'buildkite-scale-in',
  start: () => new BuildkiteScaleIn(),
};

class BuildkiteScaleIn implements RivalRun {
  readonly everySeconds = POLL_SECONDS;
  readonly scaleIn = { kind: 'to-size', victim: nearestBillingHour, graceSeconds: 0 } as const;
  #scaledInAt = -Infinity;

  wanted(view: RivalView): number {
    const desired = exactly(view);
    const size = view.workers.length;
    if (desired >= size) return desired;
    if (view.nowSeconds - this.#scaledInAt < SCALE_IN_COOLDOWN_SECONDS) return size;
    this.#scaledInAt = view.nowSeconds;
    return desired;
  }
}
