import type { FailedResult } from './classification.ts';
import { makeProblem, type ProblemCode } from './problem-types.ts';
import type { RequestMessage } from './request-message.ts';

export type Failed = Pick<RequestMessage, 'requestId' | 'fileName' | 'submittedAt'>;

/**
 * The terminal result of a request that failed, whoever settles it.
 * @param settled `now` in Unix milliseconds; `worker` where one settled it
 */
export function failedResult(
  request: Failed,
  problem: { code: ProblemCode; detail: string },
  settled: { now: number; attempts: number; worker?: string },
): FailedResult {
  return {
    v: 1,
    id: request.requestId,
    ...(request.fileName !== undefined && { fileName: request.fileName }),
    submittedAt: request.submittedAt,
    completedAt: new Date(settled.now).toISOString(),
    attempts: settled.attempts,
    ...(settled.worker !== undefined && { worker: settled.worker }),
    status: 'failed',
    problem: makeProblem(problem.code, request.requestId, problem.detail),
  };
}

/** The problems that more than one app may be the first to see. */
export const ATTEMPTS_EXHAUSTED = {
  code: 'attempts-exhausted',
  detail:
    'Several workers started on the image, and every one failed or was lost. The image is kept for a while; the log names each start by this request id.',
} as const;

export const imageMissing = ({ imageKey }: Pick<RequestMessage, 'imageKey'>) =>
  ({
    code: 'image-missing',
    detail: `There is no object ${imageKey} in the input bucket: it was removed before a worker fetched it. Send the image again.`,
  }) as const;

export const deadlineExceeded = (deadlineAt: string) =>
  ({
    code: 'deadline-exceeded',
    detail: `The deadline ${deadlineAt} passed before the image was classified. Send it again with a later deadline.`,
  }) as const;

/** Whether the answer to a request has become worthless. @param now Unix milliseconds */
export const deadlinePassed = (
  request: Pick<RequestMessage, 'deadlineAt'>,
  now: number,
): request is { deadlineAt: string } =>
  request.deadlineAt !== undefined && Date.parse(request.deadlineAt) <= now;
