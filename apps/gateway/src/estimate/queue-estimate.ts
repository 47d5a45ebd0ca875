import type { FleetSnapshot } from '@labelfleet/contracts';
import type { Logger } from '@labelfleet/runtime';
import { finishWork } from '@labelfleet/scaling/finish-work';
import type { FleetView } from '../routes/fleet-view.ts';
import { explainWait } from './explain-wait.ts';
import { expectStarts } from './expect-starts.ts';
import { imagesAhead } from './place-in-queue.ts';

/** What a queued request waits for. */
export interface QueueEstimate {
  aheadApproximately: number;
  estimatedWait: {
    /** Whole seconds from now. */
    lowSeconds: number;
    /** Null if nobody can say: no boot or image was measured yet, boots fail, or one takes longer than 95 % do. */
    highSeconds: number | null;
    /** One sentence or two. */
    basis: string;
  };
}

/** Images differ, and workers that share a machine or have just started are slower than the mean. */
const SERVICE_SPREAD = { low: 0.8, high: 1.5 };

/**
 * Estimates the wait of a queued request. Counted from the time of the snapshot, from launches and from the
 * submission, so that both bounds only shrink while the fleet stays as it is.
 * @param now Unix milliseconds
 */
export function estimateQueue(
  snapshot: FleetSnapshot,
  submittedAt: Date,
  now: number,
): QueueEstimate {
  const ahead = imagesAhead(snapshot, submittedAt.getTime());
  const starts = expectStarts(snapshot, submittedAt.getTime(), now);
  const service = snapshot.learned.serviceSeconds;
  const ageSeconds = Math.max(0, now - Date.parse(snapshot.at)) / 1000;
  const from = (images: number, seconds: number | null, startTimes: readonly number[]) => {
    const done = seconds === null ? null : finishWork(images * seconds, seconds, startTimes);
    return done === null ? null : done - ageSeconds;
  };
  // The images in flight are nearly done, or have just begun.
  const aheadInQueue = Math.max(0, ahead - snapshot.queue.inFlight);
  const low = from(aheadInQueue, (service ?? 0) * SERVICE_SPREAD.low, starts.early);
  const high = from(ahead, service === null ? null : service * SERVICE_SPREAD.high, starts.late);
  return {
    aheadApproximately: ahead,
    estimatedWait: {
      lowSeconds: Math.max(0, Math.floor(low ?? 0)),
      highSeconds: high === null ? null : Math.max(1, Math.ceil(high)),
      basis: explainWait(snapshot, ahead, now),
    },
  };
}

/** @returns undefined if the state of the fleet is unknown or stale */
export async function queueEstimate(
  fleet: Pick<FleetView, 'latest'>,
  submittedAt: Date,
  now: number,
  log: Pick<Logger, 'warn'>,
): Promise<QueueEstimate | undefined> {
  const snapshot = await fleetForEstimate(fleet, log);
  return snapshot && estimateQueue(snapshot, submittedAt, now);
}

/** The current fleet snapshot; undefined if there is none, or it cannot be read. */
export async function fleetForEstimate(
  fleet: Pick<FleetView, 'latest'>,
  log: Pick<Logger, 'warn'>,
): Promise<FleetSnapshot | undefined> {
  try {
    return await fleet.latest();
  } catch (error) {
    log.warn(
      { event: 'fleet-snapshot.read-failed', error },
      'fleet snapshot not read for an estimate',
    );
    return undefined;
  }
}
