import type { Fleet, FleetInstance } from '@labelfleet/aws/fleet';
import { WORKER_TAGS } from '@labelfleet/contracts';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;

/** All instances of the fleet, by the scaler's default FLEET_NAME. EC2 still lists terminated ones. */
const list = (fleet: Fleet) => fleet.list(WORKER_TAGS.fleet, 'labelfleet');

const idsOf = (instances: readonly FleetInstance[]) =>
  instances.map(({ instanceId }) => instanceId);
const alive = (instances: readonly FleetInstance[]) =>
  instances.filter(({ state }) => state !== 'terminated');

/** Ids of all instances ever launched. */
export const everLaunched = async (fleet: Fleet) => idsOf(await list(fleet));

/** Ids of the instances that are not yet terminated. */
export const living = async (fleet: Fleet) => idsOf(alive(await list(fleet)));

/** Polls the fleet until the work ends. */
export async function watchDuring<T>(
  fleet: Fleet,
  work: () => Promise<T>,
  see: (instances: readonly FleetInstance[]) => void,
): Promise<T> {
  const done = new AbortController();
  const { signal } = done;
  const watching = (async () => {
    while (!signal.aborted) {
      see(await list(fleet));
      // The end of the work aborts the delay, and the loop's condition ends the loop.
      await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  })();
  try {
    return await work();
  } finally {
    done.abort();
    await watching;
  }
}

/** The largest number of living instances at once during the work. */
export async function peakDuring(fleet: Fleet, work: () => Promise<unknown>): Promise<number> {
  let peak = 0;
  await watchDuring(fleet, work, (instances) => {
    peak = Math.max(peak, alive(instances).length);
  });
  return peak;
}
