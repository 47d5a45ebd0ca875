import {
  deadlineExceeded,
  failedResult,
  requestIdTime,
  type RequestOptions,
  type StoredResult,
} from '@labelfleet/contracts';
import type { Logger } from '@labelfleet/runtime';
import { judgeDeadline, type UnmeetableDeadline } from '../accept/deadline.ts';
import type { FleetView } from '../routes/fleet-view.ts';
import { refuse, refuseOverloaded, type Refusal } from '../http/problem.ts';
import type { RefusedDemand } from '../accept/refused-demand.ts';
import type { Outbox } from '../webhooks/outbox.ts';
import type { ResultStore } from './result-store.ts';

export interface DeadlineDeps {
  fleet: Pick<FleetView, 'latest'>;
  refusedDemand: Pick<RefusedDemand, 'canReport' | 'record'>;
  results: Pick<ResultStore, 'storeOnce'>;
  outbox: Outbox;
  unixMs: () => number;
  limits: { maxBacklogMs: number | undefined };
}

type Details = Record<UnmeetableDeadline['reason'], (seconds: number) => string>;

const AFTER_DEADLINE: Details = {
  'no-worker': (seconds) =>
    `No worker is up; one starts in about ${seconds} s, after the deadline. Try again then.`,
  backlog: (seconds) =>
    `Too many images are waiting: this one would be classified after its deadline. Try again in ${seconds} s, or set a later deadline.`,
};

const overBacklog = (maxMs: number): Details => ({
  'no-worker': (seconds) =>
    `No worker is up; one starts in about ${seconds} s, and an image may wait for ${maxMs / 1000} s here. Try again then.`,
  backlog: (seconds) =>
    `Too many images are waiting: this one would wait for more than ${maxMs / 1000} s. Try again in ${seconds} s.`,
});

/**
 * Refuses an image that no worker can classify before its deadline, or within the longest wait that the operator
 * allows, before it is read. The refusal is reported to the scaler, which has no other way to see this demand.
 * @returns undefined if the image may be in time, or the scaler cannot be reached
 */
export async function refuseUnmeetable(
  { fleet, refusedDemand, unixMs, limits: { maxBacklogMs } }: DeadlineDeps,
  deadline: Date | undefined,
  log: Logger,
): Promise<Refusal | undefined> {
  if (deadline === undefined && maxBacklogMs === undefined) return undefined;
  try {
    const snapshot = await fleet.latest();
    const now = unixMs();
    const judge = (until: Date, details: Details) => {
      const unmet = judgeDeadline(until, snapshot, now);
      return unmet && { ...unmet, detail: details[unmet.reason](unmet.retryAfterSeconds) };
    };
    const unmet =
      (deadline && judge(deadline, AFTER_DEADLINE)) ??
      (maxBacklogMs && judge(new Date(now + maxBacklogMs), overBacklog(maxBacklogMs)));
    if (!unmet || !refusedDemand.canReport()) return undefined;
    refusedDemand.record(unmet.retryAfterSeconds);
    return refuseOverloaded(unmet.detail, unmet.retryAfterSeconds);
  } catch (error) {
    log.warn(
      { event: 'fleet-snapshot.read-failed', error },
      'fleet snapshot not read for a deadline',
    );
    return undefined;
  }
}

/** Refuses an upload that took longer than its deadline: no worker should classify it. */
export const refuseExpired = (
  { unixMs }: Pick<DeadlineDeps, 'unixMs'>,
  deadline: Date,
): Refusal | undefined =>
  deadline.getTime() > unixMs()
    ? undefined
    : refuse(
        'deadline-exceeded',
        'The deadline passed during the upload. Send the image again with a later deadline.',
      );

/**
 * Completes an accepted request at its deadline. The result is stored before the caller sees it (P3).
 * @returns the stored result, which may be an earlier one; undefined if the store cannot be reached
 */
export async function completeAtDeadline(
  { results, outbox, unixMs }: DeadlineDeps,
  requestId: string,
  options: RequestOptions & { deadlineAt: string },
  log: Logger,
): Promise<StoredResult | undefined> {
  const submittedAt = requestIdTime(requestId).toISOString();
  try {
    const stored = await results.storeOnce(
      failedResult({ ...options, requestId, submittedAt }, deadlineExceeded(options.deadlineAt), {
        now: unixMs(),
        attempts: 0,
      }),
    );
    log.info({ event: 'deadline.passed', status: stored.status }, 'deadline passed');
    await outbox.notify({ ...options, requestId }, log);
    return stored;
  } catch (error) {
    log.error({ event: 'deadline.store-failed', error }, 'result of a passed deadline not stored');
    return undefined;
  }
}
