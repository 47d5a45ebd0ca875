import { DEFAULT_TUNING, type Tuning } from '@labelfleet/scaling';
import type { Policy } from '../engine/simulate.ts';
import { productPolicy } from './product.ts';

/** Variants of the policy `deadline` with one constant changed. */
const CHANGES: Readonly<Record<string, Partial<Tuning>>> = {
  'no-reserve': { beta: 0 },
  'reserve-of-the-root': { lateShare: 0 },
  'bursts-kept-as-others': { burstIdleWaitSeconds: DEFAULT_TUNING.firstIdleWaitSeconds },
  'relaunch-3-boots': { relaunchCostBoots: 3 },
  'relaunch-8-boots': { relaunchCostBoots: 8 },
  'serve-10-s': { leastServiceSeconds: 10 },
  'serve-20-s': { leastServiceSeconds: 20 },
  'one-idle-wait': { idleWaitsSeconds: [DEFAULT_TUNING.firstIdleWaitSeconds] },
  'terminate-at-any-age': { leastAgeSeconds: 0 },
};

/** The variants show the value of each constant. They run only with the command `ablations`. */
export const ABLATIONS: readonly Policy[] = Object.entries(CHANGES).map(([change, tuning]) =>
  productPolicy('deadline', {
    name: `deadline/${change}`,
    settings: { tuning: { ...DEFAULT_TUNING, ...tuning } },
  }),
);
