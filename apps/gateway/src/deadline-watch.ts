import {
  deadlineExceeded,
  failedResult,
  requestIdTime,
  type StoredResult,
} from '@labelfleet/contracts';
import type { Logger } from '@labelfleet/runtime';
import { missesBySeconds } from './deadline.ts';
import type { FleetView } from './fleet-view.ts';
import { refuse, refuseOverloaded, type Refusal } from './problem.ts';
import type { ResultStore } from './result-store.ts';

export interface DeadlineParts {
  fleet: Pick<FleetView, 'latest'>;
  results: Pick<ResultStore, 'storeOnce'>;
  unixMs: () => number;
}

/** Why an image is not even read: its deadline cannot be met. Undefined: it may be, as far as is known. */
export async function refuseHopeless(
  { fleet, unixMs }: DeadlineParts,
  deadline: Date,
  log: Logger,
): Promise<Refusal | undefined> {
  try {
    const lateSeconds = missesBySeconds(deadline, await fleet.latest(), unixMs());
    if (lateSeconds === 0) return undefined;
    return refuseOverloaded(
      'Too many images wait: the deadline would pass before this one is classified.',
      // With nothing more coming in, the wait shrinks by a second each second.
      Math.ceil(lateSeconds),
    );
  } catch (error) {
    log.warn({ error }, 'the fleet snapshot could not be read to judge a deadline');
    return undefined;
  }
}

/** Before the request is accepted: an upload that took until its deadline needs no worker. */
export const refuseLate = ({ unixMs }: DeadlineParts, deadline: Date): Refusal | undefined =>
  deadline.getTime() > unixMs()
    ? undefined
    : refuse('deadline-exceeded', 'The deadline passed while the image was still being sent.');

/**
 * Settles an accepted request at its deadline: nothing is answered that is not stored (P3).
 * @returns what stands, which may be a result that came in time; undefined where the store cannot be reached
 */
export async function settleAtDeadline(
  { results, unixMs }: DeadlineParts,
  request: { requestId: string; fileName: string | undefined; deadline: Date },
  log: Logger,
): Promise<StoredResult | undefined> {
  const { requestId, fileName, deadline } = request;
  const submittedAt = requestIdTime(requestId).toISOString();
  try {
    const standing = await results.storeOnce(
      failedResult(
        { requestId, submittedAt, ...(fileName !== undefined && { fileName }) },
        deadlineExceeded(deadline.toISOString()),
        { now: unixMs(), attempts: 0 },
      ),
    );
    log.info({ status: standing.status }, 'the deadline has come');
    return standing;
  } catch (error) {
    log.error({ error }, 'the deadline could not be stored');
    return undefined;
  }
}
