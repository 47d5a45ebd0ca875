import type { Logger } from '@labelfleet/runtime';
import type { FleetView } from './fleet-view.ts';

/** Where the fleet says nothing of its waits. */
const DEFAULT_SECONDS = 5;

/** The value of a Retry-After header: when a queued request is likely to have its result. */
export async function retryAfter(fleet: Pick<FleetView, 'latest'>, log: Logger): Promise<string> {
  try {
    const snapshot = await fleet.latest();
    return String(Math.max(Math.ceil(snapshot?.estimatedWaitSeconds ?? DEFAULT_SECONDS), 1));
  } catch (error) {
    log.warn({ error }, 'the fleet snapshot could not be read for Retry-After');
    return String(DEFAULT_SECONDS);
  }
}
