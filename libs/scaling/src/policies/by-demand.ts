import { explainDemand, explainSteps, type Wanted } from '../explain.ts';
import { countLive } from '../observation.ts';
import { plural } from '../plural.ts';
import { releasable } from '../scale-in.ts';
import type { Policy } from './policy.ts';

export interface DemandRule {
  /** How long a worker must be idle before it may be released, unless configured. */
  readonly idleBeforeReleaseSeconds: number;
  /**
   * @param images that are visible, in flight or refused
   * @param said the same number in words
   */
  want(images: number, label: string, imagesPerWorker: number): Wanted;
}

/** Creates a policy that depends only on the number of images. */
export function byDemand(rule: DemandRule): Policy {
  return ({ backlog, fleet, refused }, memory, settings, now) => {
    // An image in flight still needs its worker. Without the images in flight, a fleet would look too large as soon
    // as it has received its work, and would be launched again when some of that is released.
    const images = backlog.visible + backlog.inFlight;
    const label =
      refused === 0
        ? plural(images, 'image')
        : `${plural(images, 'image')} and ${refused} refused lately`;
    const wanted = rule.want(images + refused, label, settings.imagesPerWorker);
    const desired = Math.min(settings.maxWorkers, Math.max(settings.minWorkers, wanted.workers));
    const idleSeconds = settings.idleBeforeReleaseSeconds ?? rule.idleBeforeReleaseSeconds;
    return {
      desired,
      live: countLive(fleet),
      releasable: releasable(fleet, { idleSeconds }, now),
      memory,
      terms: null,
      explain: (decision) => `${explainDemand(wanted, desired)}; ${explainSteps(fleet, decision)}`,
    };
  };
}
