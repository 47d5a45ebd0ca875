import type { FleetSnapshot, RequestOptions } from '@labelfleet/contracts';

export const deadlineOf = ({ deadlineAt }: RequestOptions): Date | undefined =>
  deadlineAt === undefined ? undefined : new Date(deadlineAt);

/**
 * The seconds by which an image that arrives now is likely to miss its deadline. 0 if it is likely to meet it, and
 * if the wait is unknown, because an unknown wait is no reason to refuse.
 * @param now Unix milliseconds
 */
export function missedBySeconds(
  deadline: Date,
  snapshot: FleetSnapshot | undefined,
  now: number,
): number {
  const waitSeconds = snapshot?.estimatedWaitSeconds ?? null;
  if (snapshot === undefined || waitSeconds === null) return 0;
  return Math.max(0, (now + waitSeconds * 1000 - deadline.getTime()) / 1000);
}

/** A boot that takes longer than usual is expected to end after this many more seconds; the scaler assumes the same. */
const LATE_BOOT_SECONDS = 5;
/** The time from a refusal to the launch: the event is sent within 1 s, and the scaler ticks every 2 s. */
const LAUNCH_WITHIN_SECONDS = 3;

/** Why a deadline cannot be met, and when the caller should try again. */
export interface UnmeetableDeadline {
  reason: 'no-worker' | 'backlog';
  retryAfterSeconds: number;
}

/**
 * Judges whether an image that arrives now is likely to miss its deadline before a worker is free for it. The time of
 * the classification is no reason to refuse, because that estimate improves only when images are accepted.
 * @param now Unix milliseconds
 * @returns undefined if the deadline is likely to be met, or the fleet's state is unknown
 */
export function judgeDeadline(
  deadline: Date,
  snapshot: FleetSnapshot | undefined,
  now: number,
): UnmeetableDeadline | undefined {
  const lateSeconds = missedBySeconds(deadline, snapshot, now);
  if (snapshot === undefined || lateSeconds <= (snapshot.learned.serviceSeconds ?? 0))
    return undefined;
  const startsInSeconds = workerExpectedIn(snapshot, now);
  if (startsInSeconds !== undefined && now + 1000 * startsInSeconds >= deadline.getTime())
    return { reason: 'no-worker', retryAfterSeconds: atLeastOne(startsInSeconds) };
  // Without new requests the wait shrinks by one second each second.
  return { reason: 'backlog', retryAfterSeconds: atLeastOne(lateSeconds) };
}

/** Seconds until the first worker is up; undefined if one is up, or no boot was measured. */
function workerExpectedIn(
  { workers, instances, learned }: FleetSnapshot,
  now: number,
): number | undefined {
  const boot = learned.bootSecondsP50;
  if (workers.idle + workers.busy > 0 || boot === null) return undefined;
  if (workers.booting === 0) return boot + LAUNCH_WITHIN_SECONDS;
  const waits = instances
    .filter(({ state }) => state === 'booting')
    .map(({ since }) => boot - (now - Date.parse(since)) / 1000)
    .map((seconds) => (seconds > 0 ? seconds : LATE_BOOT_SECONDS));
  return Math.min(boot, ...waits);
}

const atLeastOne = (seconds: number) => Math.max(1, Math.ceil(seconds));
