import {
  ATTEMPTS_EXHAUSTED,
  deadlineExceeded,
  deadlinePassed,
  failedResult,
  imageMissing,
  judgeAttempts,
  type AttemptRecord,
  type FailedResult,
  type RequestMessage,
  type StoredResult,
} from '@labelfleet/contracts';

/** Queues keep a message for 14 days; one day is left to complete its request (P9). */
const COMPLETED_AFTER_DAYS = 13;
export const COMPLETED_AFTER_MS = COMPLETED_AFTER_DAYS * 24 * 3_600_000;

/** What is known of the request of a dead letter. */
export interface DeadLetterFacts {
  request: RequestMessage;
  result: StoredResult | undefined;
  record: AttemptRecord;
  imageExists: boolean;
}

/** What to do with a dead letter (P8). */
export type DeadLetterVerdict =
  /** It has its result: reply with it, then delete the message. */
  | { kind: 'already-completed'; result: StoredResult }
  /** Store this result unless there is one, reply with the stored one, then delete the message. */
  | { kind: 'complete'; result: FailedResult }
  /** It has attempts left: send this request to the request queue, then delete the message. */
  | { kind: 'resend'; request: RequestMessage }
  /** An attempt may still complete it: make the message visible again after this time. */
  | { kind: 'wait'; ms: number };

/** @param now milliseconds since the epoch */
export function judgeDeadLetter(facts: DeadLetterFacts, now: number): DeadLetterVerdict {
  const { request, result, record, imageExists } = facts;
  if (result !== undefined) return { kind: 'already-completed', result };
  const answer = (problem: Parameters<typeof failedResult>[1]): DeadLetterVerdict => ({
    kind: 'complete',
    result: failedResult(request, problem, { now, attempts: record.attempts.length }),
  });
  if (deadlinePassed(request, now)) return answer(deadlineExceeded(request.deadlineAt));
  const attempts = judgeAttempts(record, now);
  if (attempts.kind === 'too-early') return { kind: 'wait', ms: attempts.waitMs };
  if (attempts.kind === 'exhausted') return answer(ATTEMPTS_EXHAUSTED);
  if (!imageExists) return answer(imageMissing(request));
  if (now - Date.parse(request.submittedAt) >= COMPLETED_AFTER_MS) return answer(TOO_OLD);
  return { kind: 'resend', request: { ...request, resent: true } };
}

const TOO_OLD = {
  code: 'deadline-exceeded',
  detail: `The image was not classified within ${COMPLETED_AFTER_DAYS} days, as long as requests are kept. Send it again.`,
} as const;
