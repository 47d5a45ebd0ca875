import type { Times } from './expect-times.ts';
import type { Supply } from './supply.ts';

/**
 * How many more workers are needed to complete the images within the horizon. A resumed worker serves at once, or
 * as soon as it is up; a launched one only after its boot. If no worker is live, a single image needs one.
 * @param work images now
 * @param need images to complete within the horizon, expected arrivals included
 */
export function missingWorkers(work: number, need: number, supply: Supply, times: Times): number {
  let beyond = need - supply.images;
  let missing = 0;
  for (const images of supply.resumable) {
    if (beyond <= 0) break;
    beyond -= images;
    missing++;
  }
  const perLaunched = (times.horizon - times.bootP50) / times.service;
  missing += Math.ceil(Math.max(0, beyond) / perLaunched);
  return supply.live === 0 && work > 0 ? Math.max(1, missing) : missing;
}
