import { DEFAULT_TUNING, type Tuning } from '@labelfleet/scaling';
import type { Policy } from '../engine/simulate.ts';
import { productPolicy } from './product.ts';

/** The policy `deadline` with one of its terms left out or changed, each by a name of its own. */
const CHANGES: Readonly<Record<string, Partial<Tuning>>> = {
  'no-boots-counted': { countBoots: false },
  'no-forecast': { forecast: false },
  'no-steady': { steady: false },
  'beta-0': { beta: 0 },
  'beta-0.7': { beta: 0.7 },
  'steady-by-latest-rate': { steadyByMinute: false },
  'bursts-kept-as-others': { burstIdleWaitSeconds: DEFAULT_TUNING.firstIdleWaitSeconds },
  'fixed-idle-wait': { learnIdleWaits: false },
  'release-at-any-age': { leastAgeSeconds: 0 },
  'release-idle-only': { releaseBetweenImages: false },
};

/** To be run on request, to see what each term is worth. */
export const ABLATIONS: readonly Policy[] = Object.entries(CHANGES).map(([change, tuning]) =>
  productPolicy('deadline', {
    name: `deadline/${change}`,
    settings: { tuning: { ...DEFAULT_TUNING, ...tuning } },
  }),
);
