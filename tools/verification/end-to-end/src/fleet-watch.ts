import type { Fleet, FleetInstance } from '@labelfleet/aws/fleet';
import { WORKER_TAGS } from '@labelfleet/contracts';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;

/** All instances of the fleet, by the scaler's default FLEET_NAME. EC2 still lists terminated ones. */
export const listFleet = (fleet: Fleet) => fleet.list(WORKER_TAGS.fleet, 'labelfleet');

const idsOf = (instances: readonly FleetInstance[]) =>
  instances.map(({ instanceId }) => instanceId);
const alive = (instances: readonly FleetInstance[]) =>
  instances.filter(({ state }) => state !== 'terminated');

/** Ids of all instances ever launched. */
export const everLaunched = async (fleet: Fleet) => idsOf(await listFleet(fleet));

/** Ids of the instances that are not yet terminated. */
export const living = async (fleet: Fleet) => idsOf(alive(await listFleet(fleet)));

/** Observes again and again until the work ends. Rejects at once when an observation fails. */
export async function watchDuring<T, Seen>(
  observe: () => Promise<Seen>,
  work: () => Promise<T>,
  see: (seen: Seen) => void,
  pollMs = POLL_MS,
): Promise<T> {
  const done = new AbortController();
  const { signal } = done;
  const watch = async () => {
    while (!signal.aborted) {
      see(await observe());
      // The end of the work aborts the delay, and the loop's condition ends the loop.
      await delay(pollMs, undefined, { signal }).catch(() => undefined);
    }
  };
  const working = work().finally(() => {
    done.abort();
  });
  const [result] = await Promise.all([working, watch()]);
  return result;
}

/** The largest number of living instances at once during the work. */
export async function peakDuring(fleet: Fleet, work: () => Promise<unknown>): Promise<number> {
  let peak = 0;
  const observe = () => listFleet(fleet);
  await watchDuring(observe, work, (instances) => {
    peak = Math.max(peak, alive(instances).length);
  });
  return peak;
}
