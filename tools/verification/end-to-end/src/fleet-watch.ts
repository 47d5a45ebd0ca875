import type { Fleet } from '@labelfleet/aws/fleet';
import { WORKER_TAGS } from '@labelfleet/contracts';
import { setTimeout as delay } from 'node:timers/promises';

const LOOK_MS = 50;
/** The scaler's default FLEET_NAME. */
const FLEET_NAME = 'labelfleet';

/** Ids of all instances ever launched; EC2 still lists terminated ones. */
export const everLaunched = async (fleet: Fleet): Promise<string[]> =>
  (await fleet.list(WORKER_TAGS.fleet, FLEET_NAME)).map(({ instanceId }) => instanceId);

/** Ids of the instances that are not yet terminated. */
export const living = async (fleet: Fleet): Promise<string[]> =>
  (await fleet.list(WORKER_TAGS.fleet, FLEET_NAME))
    .filter(({ state }) => state !== 'terminated')
    .map(({ instanceId }) => instanceId);

/**
 * Polls the fleet until the work ends.
 * @returns the largest number of living instances at once
 */
export async function peakDuring(fleet: Fleet, work: () => Promise<void>): Promise<number> {
  const done = new AbortController();
  let peak = 0;
  const looking = (async () => {
    while (!done.signal.aborted) {
      peak = Math.max(peak, (await living(fleet)).length);
      // The end of the work aborts the delay, and the loop's condition ends the loop.
      await delay(LOOK_MS, undefined, { signal: done.signal }).catch(() => undefined);
    }
  })();
  try {
    await work();
  } finally {
    done.abort();
    await looking;
  }
  return peak;
}
