import type { Times } from './expect-times.ts';
import type { Supply } from './supply.ts';

/**
 * How many more workers it takes to settle so many images within the horizon. One that is called back serves
 * at once, or as soon as it is up; one that is launched only after its boot. Without anybody live a single
 * image is reason enough.
 * @param work images there are now
 * @param need images to settle within the horizon, those expected to arrive included
 */
export function missingWorkers(work: number, need: number, supply: Supply, times: Times): number {
  let beyond = need - supply.images;
  let missing = 0;
  for (const images of supply.callable) {
    if (beyond <= 0) break;
    beyond -= images;
    missing++;
  }
  const perLaunched = (times.horizon - times.bootP50) / times.service;
  missing += Math.ceil(Math.max(0, beyond) / perLaunched);
  return supply.live === 0 && work > 0 ? Math.max(1, missing) : missing;
}
