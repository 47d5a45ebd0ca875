import { DEFAULT_TUNING, type Tuning } from '@labelfleet/scaling';
import type { Policy } from '../engine/simulate.ts';
import { productPolicy } from './product.ts';

/** Variants of the policy `deadline` with one term left out or changed. */
const CHANGES: Readonly<Record<string, Partial<Tuning>>> = {
  'no-boots-counted': { countBoots: false },
  'no-forecast': { forecast: false },
  'no-beginnings': { forecastBeginnings: false },
  'no-steady': { steady: false },
  'no-reserve': { beta: 0 },
  'reserve-of-the-root': { lateShare: 0 },
  'no-usual-backlog': { letWait: false },
  'steady-by-latest-rate': { steadyByMinute: false },
  'bursts-kept-as-others': { burstIdleWaitSeconds: DEFAULT_TUNING.firstIdleWaitSeconds },
  'relaunch-3-boots': { relaunchCostBoots: 3 },
  'relaunch-8-boots': { relaunchCostBoots: 8 },
  'serve-10-s': { leastServiceSeconds: 10 },
  'serve-20-s': { leastServiceSeconds: 20 },
  'fixed-idle-wait': { learnIdleWaits: false },
  'terminate-at-any-age': { leastAgeSeconds: 0 },
  'boots-not-released': { releaseBoots: false },
  'release-idle-only': { releaseBetweenImages: false },
};

/** The variants show the value of each term. They run only with the command `ablations`. */
export const ABLATIONS: readonly Policy[] = Object.entries(CHANGES).map(([change, tuning]) =>
  productPolicy('deadline', {
    name: `deadline/${change}`,
    settings: { tuning: { ...DEFAULT_TUNING, ...tuning } },
  }),
);
