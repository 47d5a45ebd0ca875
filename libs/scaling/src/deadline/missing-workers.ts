import type { Times } from './expect-times.ts';
import type { Supply } from './supply.ts';

/**
 * How many more workers it takes to settle so many images within the horizon. One that is called back serves
 * at once, one that is launched only after its boot. Without anybody live a single image is reason enough.
 * @param work images there are now
 * @param need images to settle within the horizon, those expected to arrive included
 */
export function missingWorkers(work: number, need: number, supply: Supply, times: Times): number {
  const beyond = need - supply.images;
  const perCalledBack = times.horizon / times.service;
  const calledBack = Math.min(supply.callable, Math.ceil(Math.max(0, beyond) / perCalledBack));
  const perLaunched = (times.horizon - times.bootP50) / times.service;
  const launched = Math.ceil(Math.max(0, beyond - calledBack * perCalledBack) / perLaunched);
  return supply.live === 0 && work > 0 ? Math.max(1, calledBack + launched) : calledBack + launched;
}
