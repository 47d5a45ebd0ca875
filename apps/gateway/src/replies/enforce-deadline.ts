import {
  deadlineExceeded,
  failedResult,
  requestIdTime,
  type StoredResult,
} from '@labelfleet/contracts';
import type { Logger } from '@labelfleet/runtime';
import { judgeDeadline, type UnmeetableDeadline } from '../accept/deadline.ts';
import type { FleetView } from '../routes/fleet-view.ts';
import { refuse, refuseOverloaded, type Refusal } from '../http/problem.ts';
import type { RefusedDemand } from '../accept/refused-demand.ts';
import type { ResultStore } from './result-store.ts';

export interface DeadlineDeps {
  fleet: Pick<FleetView, 'latest'>;
  refusedDemand: Pick<RefusedDemand, 'canReport' | 'record'>;
  results: Pick<ResultStore, 'storeOnce'>;
  unixMs: () => number;
}

const UNMET = {
  'no-worker-up': (seconds) =>
    `No worker is up; one starts in about ${seconds} s, after the deadline. Try again then.`,
  'too-many-wait': () =>
    'Too many images wait: the deadline would pass before this one is classified.',
} satisfies Record<UnmeetableDeadline['why'], (seconds: number) => string>;

/**
 * Why an image is not even read: its deadline cannot be met. The scaler is told, as nothing else tells it of
 * the demand. Undefined: it may be met, as far as is known, or the scaler cannot be told.
 */
export async function refuseUnmeetable(
  { fleet, refusedDemand, unixMs }: DeadlineDeps,
  deadline: Date,
  log: Logger,
): Promise<Refusal | undefined> {
  try {
    const unmet = judgeDeadline(deadline, await fleet.latest(), unixMs());
    if (unmet === undefined || !refusedDemand.canReport()) return undefined;
    const { why, retryAfterSeconds } = unmet;
    refusedDemand.record(retryAfterSeconds);
    return refuseOverloaded(UNMET[why](retryAfterSeconds), retryAfterSeconds);
  } catch (error) {
    log.warn({ error }, 'the fleet snapshot could not be read to judge a deadline');
    return undefined;
  }
}

/** Before the request is accepted: an upload that took until its deadline needs no worker. */
export const refuseExpired = ({ unixMs }: DeadlineDeps, deadline: Date): Refusal | undefined =>
  deadline.getTime() > unixMs()
    ? undefined
    : refuse('deadline-exceeded', 'The deadline passed while the image was still being sent.');

/**
 * Settles an accepted request at its deadline: nothing is answered that is not stored (P3).
 * @returns what stands, which may be a result that came in time; undefined where the store cannot be reached
 */
export async function completeAtDeadline(
  { results, unixMs }: DeadlineDeps,
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
