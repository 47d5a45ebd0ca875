import type { Logger } from '@labelfleet/runtime';
import type { FleetView } from './fleet-view.ts';

/** Used when the wait cannot be estimated. */
const DEFAULT_SECONDS = 5;

/** The value of a Retry-After header: the seconds until a queued request is likely to complete. */
export async function retryAfter(fleet: Pick<FleetView, 'latest'>, log: Logger): Promise<string> {
  try {
    const snapshot = await fleet.latest();
    return String(Math.max(Math.ceil(snapshot?.estimatedWaitSeconds ?? DEFAULT_SECONDS), 1));
  } catch (error) {
    log.warn(
      { event: 'fleet-snapshot.read-failed', error },
      'fleet snapshot not read for Retry-After',
    );
    return String(DEFAULT_SECONDS);
  }
}
