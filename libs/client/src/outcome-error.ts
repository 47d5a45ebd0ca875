import { ProblemError } from './errors.ts';
import type { Canceled, Failed } from './wire.ts';

/** The error of a completed request that has no label. */
export const outcomeError = (result: Failed | Canceled): ProblemError =>
  new ProblemError(
    result.status === 'failed'
      ? result.problem
      : {
          type: 'urn:labelfleet:problem:canceled',
          title: 'The request was canceled',
          status: 409,
          detail: 'The request was canceled before it was classified.',
          requestId: result.id,
        },
  );
