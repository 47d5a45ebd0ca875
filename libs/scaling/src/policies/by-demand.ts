import { explainDemand, explainSteps } from '../explain.ts';
import { countLive } from '../observation.ts';
import { plural } from '../plural.ts';
import { releasable } from '../scale-in.ts';
import type { Policy } from './policy.ts';

/** How many workers a rule wants, before any limit, and why: the beginning of a sentence. */
export interface Wanted {
  workers: number;
  reason: string;
}

export interface DemandRule {
  /** How long a worker is idle before it may be released, unless configured. */
  readonly idleBeforeReleaseSeconds: number;
  /**
   * @param images that wait, are worked on or were refused
   * @param said the same in words
   */
  want(images: number, said: string, imagesPerWorker: number): Wanted;
}

/** The policy that follows the number of images there are, and nothing else. */
export function byDemand(rule: DemandRule): Policy {
  return ({ backlog, fleet, refused }, memory, settings, now) => {
    // An image being worked on still needs its worker: without the images in flight, a fleet would look too
    // large as soon as it has taken up its work, and be launched anew when some of that is handed back.
    const images = backlog.visible + backlog.inFlight;
    const said =
      refused === 0
        ? plural(images, 'image')
        : `${plural(images, 'image')} and ${refused} refused lately`;
    const wanted = rule.want(images + refused, said, settings.imagesPerWorker);
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
