import type { Logger } from '@labelfleet/runtime';
import type { FleetView } from '../routes/fleet-view.ts';

/** What a queued request waits for. */
export interface QueueEstimate {
  aheadApproximately: number;
}

/** @returns undefined if the state of the fleet is unknown or stale */
export async function queueEstimate(
  fleet: Pick<FleetView, 'latest'>,
  _submittedAt: Date,
  _now: number,
  log: Logger,
): Promise<QueueEstimate | undefined> {
  try {
    const snapshot = await fleet.latest();
    return snapshot && { aheadApproximately: snapshot.queue.backlog };
  } catch (error) {
    log.warn({ event: 'fleet-snapshot.read-failed', error }, 'fleet snapshot not read');
    return undefined;
  }
}
