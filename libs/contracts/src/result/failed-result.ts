import type { FailedResult } from './classification.ts';
import { fieldsOfRequest, type RequestOfResult } from './fields-of-request.ts';
import { makeProblem, type ProblemCode } from './problem-types.ts';
import type { RequestMessage } from '../request/request-message.ts';

/**
 * Builds the result of a request that failed.
 * @param completion `now` in Unix milliseconds; `worker` if a worker completed the request
 */
export function failedResult(
  request: RequestOfResult,
  problem: { code: ProblemCode; detail: string },
  completion: { now: number; attempts: number; worker?: string },
): FailedResult {
  return {
    ...fieldsOfRequest(request),
    completedAt: new Date(completion.now).toISOString(),
    attempts: completion.attempts,
    ...(completion.worker !== undefined && { worker: completion.worker }),
    status: 'failed',
    problem: makeProblem(problem.code, request.requestId, problem.detail),
  };
}

/** Problems that more than one app can detect. */
export const ATTEMPTS_EXHAUSTED = {
  code: 'attempts-exhausted',
  detail:
    'Several workers tried to classify the image, and every attempt failed or was lost. The image is kept for a while; search the log for this request id to see each attempt.',
} as const;

export const imageMissing = ({ imageKey }: Pick<RequestMessage, 'imageKey'>) =>
  ({
    code: 'image-missing',
    detail: `The object ${imageKey} is missing from the input bucket: it was removed before a worker fetched it. Send the image again.`,
  }) as const;

export const deadlineExceeded = (deadlineAt: string) =>
  ({
    code: 'deadline-exceeded',
    detail: `The deadline ${deadlineAt} passed before the image was classified. Send it again with a later deadline.`,
  }) as const;

/** Whether the deadline of a request has passed. @param now Unix milliseconds */
export const deadlinePassed = (
  request: Pick<RequestMessage, 'deadlineAt'>,
  now: number,
): request is { deadlineAt: string } =>
  request.deadlineAt !== undefined && Date.parse(request.deadlineAt) <= now;
